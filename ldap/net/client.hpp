// Searches over one bound connection, many at a time.
//
// Lives on one io_context with one thread; every call and callback is on it. Requests are pipelined
// up to `max_outstanding` (slapd drops a connection at some hundred requests in waiting). Answers
// are taken from libldap until it has none, because it and TLS buffer whole records; a long answer
// is cut into portions, so that it does not hold up others on the same thread. When the connection
// breaks each outstanding `done` gets Errc::unreachable, then `on_lost` is called. There are no
// deadlines here: who searches keeps time and calls `abandon`. Held by shared_ptr.
#pragma once

#include "ldap/net/connect.hpp"
#include "ldap/search.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

struct ldapmsg;  // libldap's message

namespace splitmx::ldap::net {

class Client : public std::enable_shared_from_this<Client> {
public:
    static constexpr std::size_t max_outstanding = 64;
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void(SearchResult)>;
    using Id = int;

    Client(boost::asio::io_context& io, Handle handle, std::function<void(Error)> on_lost);
    ~Client();
    Client(Client const&) = delete;
    Client& operator=(Client const&) = delete;

    // Begins to listen. Call once, after construction.
    void start();

    // `time_limit` is what the server is told. `done` is never called from inside.
    // Requires: !is_full(). Fails for a request that cannot be sent; the client may be lost then.
    [[nodiscard]] Result<Id> search(
        SearchRequest const& request, std::chrono::milliseconds time_limit, Done done
    );

    // `done` will not be called; the server is told.
    void abandon(Id id);

    // Ends the connection: each outstanding `done` gets `why`. on_lost is not called.
    void close(Error const& why);

    [[nodiscard]] bool is_closed() const noexcept { return !handle_; }
    [[nodiscard]] bool is_full() const noexcept;
    [[nodiscard]] std::size_t outstanding() const noexcept { return searches_.size(); }
    // When the server last said anything; at first the time of construction.
    [[nodiscard]] Clock::time_point last_heard() const noexcept { return last_heard_; }
    // Whether a search was ever answered.
    [[nodiscard]] bool has_answered() const noexcept { return answered_; }

private:
    struct Search {
        Found entries;
        std::size_t limit = 0;
        Done done;
    };

    void wait_readable();
    void wait_writable_if_needed();
    void drain();
    void take(::ldapmsg* message);
    void take_entry(Id id, ::ldapmsg* message);
    void finish(Id id, SearchResult result);
    void lose(Error const& why);

    boost::asio::io_context& io_;
    bool write_blocked_ =
        false;  // a request is written in part; the handle's destructor sets it too
    Handle handle_;
    boost::asio::posix::stream_descriptor descriptor_;  // a duplicate: libldap closes its own
    std::function<void(Error)> on_lost_;
    std::unordered_map<Id, Search> searches_;
    Clock::time_point last_heard_ = Clock::now();
    bool read_waits_ = false;
    bool write_waits_ = false;
    bool answered_ = false;
};

}  // namespace splitmx::ldap::net
