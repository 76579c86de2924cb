// Searches in one directory source: a few connections to the first of its servers that works.
//
// A Pool has one thread of its own. Connections are made in the background on a second, short-lived
// thread, so that running searches never wait for a handshake. The servers of the list are tried in
// order; when a later one serves, an earlier one is tried again every `return_interval`. Broken
// connections are made anew and bound again, at once if they had been of use, else with a jittered
// back-off from `retry_min` to `retry_max`. A search that meets no connection starts an attempt
// unless the last one failed less than `retry_min` ago; then it fails at once, for the same reason.
// A search whose connection breaks, or whose server is silent for `search_timeout`, is sent anew
// within `lookup_timeout`: over each connection there is, since all may have died unnoticed, and
// over a new one. A name is good for one server only while it answers: one that failed lately is
// tried after the others. So is one that answers 1, 51, 52, 53 or 80 while another one may serve:
// the search goes on to that. `search` may be called from any thread; `done` and `on_event` run on
// the pool's thread, must not throw and must not block. Every `done` is called exactly once, at
// stop() with Errc::stopped. The program must ignore SIGPIPE (see connect.hpp).
#pragma once

#include "ldap/search.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::ldap::net {

struct PoolEvent {
    enum class Kind { connected, lost, failed };
    Kind kind;
    std::string uri;
    std::string text;  // why; empty for connected
};

struct PoolSettings {
    std::vector<std::string> uris;  // at least one; see ConnectSettings for their forms
    std::string bind_dn;            // empty: anonymous
    std::string password;
    bool starttls = false;
    std::string tls_ca;
    bool tls_verify = true;
    unsigned connections = 2;
    std::chrono::milliseconds search_timeout{5000};   // one search on one connection
    std::chrono::milliseconds lookup_timeout{8000};   // a search with connecting and sending anew
    std::chrono::milliseconds connect_timeout{3000};  // one server, from TCP to bind
    std::chrono::milliseconds retry_min{1000};
    std::chrono::milliseconds retry_max{60000};
    std::chrono::milliseconds return_interval{60000};
    std::function<void(PoolEvent const&)> on_event;  // may be empty
};

// A snapshot, for the status page.
struct PoolState {
    struct Connection {
        std::string uri;
        std::chrono::system_clock::time_point since;
    };
    std::vector<Connection> connections;  // the working ones
    std::string last_error;               // of the last failure, empty if there never was one
    std::size_t searches = 0;             // waiting or under way
};

class Pool {
public:
    // Searches waiting for a connection beyond this number get Errc::busy.
    static constexpr std::size_t max_waiting = 16384;

    // Connecting begins at once, in the background. Requires: one URI, one connection at least.
    explicit Pool(PoolSettings settings);
    ~Pool();  // stop()
    Pool(Pool const&) = delete;
    Pool& operator=(Pool const&) = delete;

    // After stop() `done` is called at once, on the caller's thread.
    void search(SearchRequest request, std::function<void(SearchResult)> done);

    // The same, waiting for it. Not from the pool's thread.
    [[nodiscard]] SearchResult search_now(SearchRequest request);

    // Ends everything and joins the threads. Not from the pool's thread.
    void stop();

    [[nodiscard]] PoolState state() const;

private:
    class Running;
    std::unique_ptr<Running> running_;
};

}  // namespace splitmx::ldap::net
