// The couriers of one loop for one next hop: how many there are, and when there is to be another.
// A courier is a connection; it takes the legs that are ready there, one after the other, and stays
// a while for more. What is ready is in the index; places are the HostBook's.
// Threads: one loop. Ownership: shared by the dispatcher and its couriers.
#pragma once

#include "relay/host_book.hpp"
#include "relay/job.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <optional>
#include <string>

namespace splitmx::relay {

class Dispatcher;

inline constexpr std::chrono::seconds idle_time{5};
// Jobs that a courier carries before it makes room for others that wait for its place.
inline constexpr std::size_t jobs_of_a_turn = 20;

class HostQueue : public std::enable_shared_from_this<HostQueue> {
public:
    HostQueue(Dispatcher& dispatcher, std::string hop);

    std::string const& hop() const { return hop_; }
    Dispatcher& dispatcher() { return dispatcher_; }

    // Something is ready: wakes a courier, or asks for a place for another.
    void work_arrived(HostBook::Why why = HostBook::Why::due);
    void place_granted();
    // The book has forgotten who waits for a place; a pause ends what is idle.
    void condition_changed(HostCondition now);
    // Nobody's time has come, but the host is to be looked at: one message goes ahead.
    void probe();

    // -- for couriers
    // The next job, waiting a while for one; none: end the connection.
    boost::asio::awaitable<std::optional<Job>> next();
    // The same without waiting, and only where nobody else is coming for it.
    std::optional<Job> next_at_once();
    // It has a connection, or has failed to get one: it no longer counts as coming.
    void courier_arrived() { --coming_; }
    void courier_left(bool was_connected);
    bool should_yield() const;  // its place, though there is work: others have less
    bool yields();              // the same, from the courier that then leaves

    void give_back_idle_places();
    void stop();
    bool is_unused() const { return couriers_ == 0 && !probing_; }

private:
    // A courier that waits for a job; woken once.
    struct Idle {
        boost::asio::steady_timer timer;
        std::chrono::steady_clock::time_point until;
        bool woken = false;
    };

    // Waits as an idle courier; whether there is work.
    boost::asio::awaitable<bool> is_woken();
    void start_courier();
    bool wake_courier();
    void no_longer_ask();
    bool is_wanted_elsewhere() const;

    Dispatcher& dispatcher_;
    std::string const hop_;
    std::list<Idle> idle_;
    std::size_t couriers_ = 0;
    std::size_t coming_ = 0;  // couriers that will take a job: connecting, or woken
    // A courier leaves for others: no second one does, or they would have too many, until it has
    // left; but a host that does not answer its QUIT holds up the others no longer than this.
    std::chrono::steady_clock::time_point yielding_until_;
    bool asked_ = false;      // for a place, which may be granted
    bool probing_ = false;    // waits for a place to look at the host
    bool paused_ = false;     // by an operator: no courier takes another job
    bool stopped_ = false;
};

}  // namespace splitmx::relay
