// What a Pool does on its thread: which connection a search takes, when to connect, when to give
// up.
//
// Everything here is for the one thread of the io_context, but for state(). Pool (pool.hpp) has the
// rules; this is their machinery.
#pragma once

#include "ldap/net/back_off.hpp"
#include "ldap/net/client.hpp"
#include "ldap/net/pool.hpp"
#include "ldap/net/set_up.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

namespace splitmx::ldap::net {

class PoolLoop {
public:
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void(SearchResult)>;

    PoolLoop(boost::asio::io_context& io, PoolSettings settings);

    void start();
    // Ends all searches with Errc::stopped, and all connections.
    void stop();
    void search(SearchRequest request, Done done);

    [[nodiscard]] PoolState state() const;  // any thread

private:
    // One search of a caller, over every connection there is and one more at the most.
    struct Job {
        Job(boost::asio::io_context& io, SearchRequest what, Done callback)
            : request(std::move(what)), done(std::move(callback)), timer(io) {}

        SearchRequest request;
        Done done;
        boost::asio::steady_timer timer;
        Clock::time_point deadline;
        Clock::time_point sent_at;
        std::weak_ptr<Client> client;  // while under way
        Client::Id id = 0;
        std::size_t sendings = 0;
    };
    using JobPtr = std::shared_ptr<Job>;

    struct Slot {
        std::shared_ptr<Client> client;  // null: to be connected
        std::size_t server = 0;
        Clock::time_point since;
        std::chrono::system_clock::time_point wall_since;
    };

    // Searches.
    void pump();
    [[nodiscard]] Slot* least_busy();
    [[nodiscard]] bool send(JobPtr const& job, std::shared_ptr<Client> const& client);
    void answered(JobPtr const& job, SearchResult result);
    void arm(JobPtr const& job, Clock::time_point when);
    void expired(JobPtr const& job);
    void drop_silent(Client const& client, Clock::time_point since);
    void complete(JobPtr const& job, SearchResult result);
    void fail_waiting(Error const& why);

    // Connections.
    void connect_if_needed(bool search_waits);
    void try_to_return();
    void set_up_done(SetUpOutcome outcome);
    void adopt(SetUpOutcome outcome);
    void set_up_failed(std::vector<SetUpOutcome::Failure> const& failures);
    void lost(Client const& client, Error const& why);
    // Away from a server that cannot serve, when another one may. Whether it may.
    [[nodiscard]] bool leave(Client const& client, Error const& why);
    void leave_server(std::size_t server, Error const& why);
    [[nodiscard]] bool may_other_serve(std::size_t server) const;
    void retire(std::shared_ptr<Client> client);
    [[nodiscard]] std::vector<std::size_t> order() const;
    [[nodiscard]] bool has_connection() const;
    [[nodiscard]] std::size_t worst_server() const;

    void tell(PoolEvent::Kind kind, std::size_t server, std::string text);
    void publish();

    boost::asio::io_context& io_;
    PoolSettings const settings_;
    std::vector<Slot> slots_;
    std::vector<std::shared_ptr<Client>> retiring_;
    std::deque<JobPtr> waiting_;
    std::unordered_set<JobPtr> jobs_;               // all of them
    std::vector<Clock::time_point> suspect_until_;  // by server: tried after the others
    std::vector<Clock::time_point> unfit_until_;    // the same: it said that it cannot serve
    std::vector<Clock::time_point> absent_until_;   // by server: could not be connected to
    SetUp set_up_;
    BackOff back_off_;
    boost::asio::steady_timer retry_timer_;
    boost::asio::steady_timer return_timer_;
    Clock::time_point next_attempt_;
    std::optional<Clock::time_point> last_failure_;
    Error last_error_;
    bool returning_ = false;  // the attempt under way is one to return to an earlier server
    bool stopping_ = false;

    std::atomic<std::size_t> job_count_ = 0;
    mutable std::mutex state_mutex_;
    PoolState state_;
};

}  // namespace splitmx::ldap::net
