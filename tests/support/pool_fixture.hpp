// What the tests of ldap/net's pool share: settings, searches, data, a recorder of events, a silent
// peer. For one test program; Events may be told from any thread.
#pragma once

#include "ldap/net/pool.hpp"
#include "support/slapd.hpp"

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::test {

using namespace std::chrono_literals;
using namespace splitmx::ldap;
using namespace splitmx::ldap::net;

// Collects a pool's events and lets a test wait for one.
class Events {
public:
    [[nodiscard]] std::function<void(PoolEvent const&)> sink() {
        return [this](PoolEvent const& event) {
            std::lock_guard const lock(mutex_);
            events_.push_back(event);
            changed_.notify_all();
        };
    }

    // For the n-th event of this kind about this server. The limit is only there to end a failed
    // test.
    [[nodiscard]] bool wait(PoolEvent::Kind kind, std::string const& uri, int n = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 20s, [&] { return count(kind, uri) >= n; });
    }

private:
    [[nodiscard]] int count(PoolEvent::Kind kind, std::string const& uri) const {
        int n = 0;
        for (auto const& event : events_) n += event.kind == kind && event.uri == uri ? 1 : 0;
        return n;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<PoolEvent> events_;
};

inline PoolSettings settings_for(std::vector<std::string> uris) {
    PoolSettings settings;
    settings.uris = std::move(uris);
    settings.bind_dn = Slapd::admin_dn;
    settings.password = Slapd::admin_password;
    // Long, so that a busy machine does not fail a test that is about something else.
    settings.search_timeout = 30s;
    settings.lookup_timeout = 60s;
    settings.connect_timeout = 30s;
    settings.retry_min = 10ms;
    settings.retry_max = 50ms;
    return settings;
}

inline SearchRequest request_for(Filter filter) {
    SearchRequest request;
    request.base = Dn::parse(Slapd::base).value();
    request.filter = std::move(filter);
    return request;
}

inline SearchRequest by_cn(std::string_view name) { return request_for(Filter::equal("cn", name)); }

inline std::string people(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) {
        auto const n = std::to_string(i);
        out += "dn: cn=u" + n + ",dc=example,dc=com\nobjectClass: inetOrgPerson\ncn: u" + n +
               "\nsn: x\nmail: u" + n + "@example.com\n\n";
    }
    return out;
}

// A TCP server whose kernel accepts connections, and that never says a word.
class SilentPeer {
public:
    SilentPeer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr const*>(&address), size) == 0);
        REQUIRE(::listen(fd_, 100) == 0);
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    ~SilentPeer() { ::close(fd_); }
    SilentPeer(SilentPeer const&) = delete;
    SilentPeer& operator=(SilentPeer const&) = delete;

    [[nodiscard]] std::string uri(std::string const& scheme) const {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }

private:
    int fd_;
    int port_ = 0;
};

inline std::string dead_uri() {
    return "ldap://127.0.0.1:" + std::to_string(splitmx::test::free_port());
}

}  // namespace splitmx::test
