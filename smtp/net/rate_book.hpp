// How often a client has done something within a minute: connections, messages, recipients. The
// minute begins with the first of them. A client is an IPv4 address or an IPv6 network of 64 bits.
// Memory: bounded; with too many clients in one minute all are forgotten, and begin anew.
// Threads: any. Errors: none; what is too often is not granted.
#pragma once

#include "mail/ip_address.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>

namespace splitmx::smtp::net {

inline constexpr std::chrono::seconds rate_window{60};
inline constexpr std::size_t max_rated_clients = 100'000;

// The address that stands for a client: all of an IPv6 network of 64 bits are one.
mail::IpAddress client_key(mail::IpAddress const& client);
// The network around it: 24 bits of IPv4, 48 of IPv6.
mail::IpAddress network_key(mail::IpAddress const& client);

class RateBook {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Counts up to `wanted` more, as many as make `most` in a minute, and tells how many; `most` 0:
    // all of them.
    std::size_t take(mail::IpAddress const& client, std::size_t wanted, std::size_t most, Time now);

private:
    struct Count {
        Time since;
        std::size_t events = 0;
    };
    void forget_old(Time now);

    std::mutex mutex_;
    std::map<mail::IpAddress, Count> clients_;
};

}  // namespace splitmx::smtp::net
