// The jobs of one loop for one next hop, and the couriers that carry them.
// A courier is a connection; it takes one job after the other and stays a while for more.
// Threads: one loop. Ownership: shared by the dispatcher and its couriers.
#pragma once

#include "relay/host_gate.hpp"
#include "relay/message.hpp"
#include "resolver/next_hop.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace splitmx::relay {

class Dispatcher;

// Some recipients of one message for one host: one transaction.
struct Job {
    MessagePtr message;
    std::vector<std::size_t> recipients;  // indexes in its item
    bool again = false;  // a kept connection broke before the host said anything about it
};

inline constexpr std::size_t recipients_per_job = 50;
inline constexpr std::chrono::seconds idle_time{5};

class HostQueue : public std::enable_shared_from_this<HostQueue> {
public:
    HostQueue(Dispatcher& dispatcher, resolver::HostPtr host, std::shared_ptr<HostGate> gate);

    void push(Job job);
    void push_front(Job job);
    // The next job, waiting up to idle_time for one; none: end the connection.
    boost::asio::awaitable<std::optional<Job>> next();
    // Everything that waits, because the host cannot be reached.
    std::deque<Job> take_all();
    std::size_t waiting() const { return jobs_.size(); }

    resolver::Host const& host() const { return *host_; }
    Dispatcher& dispatcher() { return dispatcher_; }
    // A courier has a connection, or has failed to get one: it no longer counts as coming.
    void courier_arrived() { --coming_; }
    // Another courier than the one that asks has a connection.
    bool is_served() const { return couriers_ > coming_ + 1; }
    // A courier has ended; its place is free.
    void courier_left();
    void stop();

private:
    // A courier that waits for a job; woken once.
    struct Idle {
        boost::asio::steady_timer timer;
        bool woken = false;
    };

    void start_courier();
    bool wake_courier();

    Dispatcher& dispatcher_;
    resolver::HostPtr host_;
    std::shared_ptr<HostGate> gate_;
    std::deque<Job> jobs_;
    std::list<Idle> idle_;
    std::size_t couriers_ = 0;
    std::size_t coming_ = 0;  // couriers that will take a job: connecting, or woken
    bool stopped_ = false;
};

}  // namespace splitmx::relay
