// How often a client may guess: failed logins of one client are counted for ten minutes, and behind
// too many of them nobody is asked any more. A client is an IPv4 address, or an IPv6 network of 64
// bits. Memory is bounded: with very many clients the oldest are forgotten.
// Threads: any. Errors: none. Source: RFC 4954 4 (limits on attempts).
#pragma once

#include "mail/ip_address.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>

namespace splitmx::relay {

inline constexpr std::chrono::minutes login_memory{10};
inline constexpr std::size_t login_clients = 10'000;

class LoginGuard {
public:
    using Time = std::chrono::steady_clock::time_point;

    bool may_try(mail::IpAddress const& client, std::size_t limit, Time now);
    void failed(mail::IpAddress const& client, Time now);
    void succeeded(mail::IpAddress const& client);

private:
    struct Failures {
        std::size_t count = 0;
        Time last;
    };

    void make_room(Time now);

    std::mutex mutex_;
    std::map<mail::IpAddress, Failures> clients_;
};

}  // namespace splitmx::relay
