// The dialogue of `splitmx host test` and `splitmx probe` with one address, from its greeting to
// QUIT: every line of it is kept, but for the secrets of a login and the content of a message.
// Source: RFC 5321 3.1, 3.2; RFC 3207; RFC 4954. Ownership: of the connection; the test outlives
// it. Threads: one loop.
#pragma once

#include "admin/host_test.hpp"
#include "smtp/client_session.hpp"
#include "smtp/net/connection.hpp"
#include "smtp/net/watchdog.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace splitmx::admin {

class Stopwatch {
public:
    // Since the last call, or the beginning.
    mail::Duration lap() {
        auto const now = std::chrono::steady_clock::now();
        auto const passed = std::chrono::round<mail::Duration>(now - last_);
        last_ = now;
        return passed;
    }

private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// How an address is met: under the policy of its host, as the relay would.
struct Way {
    smtp::ClientSettings settings;
    tls::ContextPtr trust;
    tls::Peer peer;
    std::optional<Errand> errand;
};

class HostDialogue {
public:
    HostDialogue(AddressTest& test, smtp::net::Connection connection, Way way)
        : test_(test),
          connection_(std::move(connection)),
          watchdog_(connection_),
          trust_(std::move(way.trust)),
          peer_(std::move(way.peer)),
          errand_(std::move(way.errand)),
          session_(std::move(way.settings)) {}

    smtp::net::awaitable<void> run();
    bool broke_in_handshake() const { return broke_in_handshake_; }

private:
    using Kind = HostTestLine::Kind;

    smtp::net::awaitable<bool> exchange();
    smtp::net::awaitable<void> start_tls();
    smtp::net::awaitable<void> send_content();
    void go_on();
    void lost();

    AddressTest& test_;
    smtp::net::Connection connection_;
    smtp::net::Watchdog watchdog_;
    tls::ContextPtr trust_;
    tls::Peer peer_;
    std::optional<Errand> errand_;
    bool is_on_errand_ = false;
    smtp::ClientSession session_;
    bool broke_in_handshake_ = false;
    Stopwatch watch_;
    std::string received_;  // the beginning of a line
    std::array<char, 4096> buffer_{};
};

}  // namespace splitmx::admin
