// How often a client has done something within a minute: connections, messages, recipients. The
// minute begins with the first of them. A client is an IPv4 address or an IPv6 network of 64 bits.
// Memory: bounded; with too many clients in one minute those that came first are forgotten.
// Threads: any. Errors: none; what is too often is a no.
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

    // Counts `count` more, unless these would be more than `most` in a minute. `most` 0: no limit.
    bool take(mail::IpAddress const& client, std::size_t count, std::size_t most, Time now);

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
