// The header by which a front end tells for whom it connects: the PROXY protocol, version 1 (a line of
// text) and version 2 (octets). What follows it is TLS or SMTP and must not be taken with it, so a
// reader asks each time how many octets it may read next.
// A front end may speak for itself (LOCAL, UNKNOWN), and for clients that have no address (a Unix
// socket): then no ends are told. Fields behind the addresses (TLVs) are passed over.
// Threads: pure function. Errors: a fault says what is wrong, as it stands in a log line.
// Source: HAProxy's proxy-protocol.txt, 2.1 and 2.2.
#pragma once

#include "mail/ip_address.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace splitmx::smtp {

// Of version 2, with its TLVs; version 1 has 107 octets at most.
inline constexpr std::size_t max_proxy_header = 4096;

struct ProxyEnd {
    mail::IpAddress address;
    std::uint16_t port = 0;

    bool operator==(ProxyEnd const&) const = default;
};

struct ProxyEnds {
    ProxyEnd client;
    ProxyEnd local;  // where the client reached the front end
};

struct ProxyMore {
    std::size_t octets = 0;  // 1 or more; so many are surely still of the header
};
struct ProxyHeader {
    std::size_t size = 0;  // octets; all of those that were read, when it was read as told
    std::optional<ProxyEnds> ends;
};
struct ProxyFault {
    std::string_view what;
};
using ProxyReading = std::variant<ProxyMore, ProxyHeader, ProxyFault>;

// Of the first octets of a connection, as far as they are known.
ProxyReading read_proxy_header(std::string_view octets);

// As a client that nobody expects a header from begins: the signature of version 2.
bool begins_like_proxy_header(std::string_view octets);

}  // namespace splitmx::smtp
