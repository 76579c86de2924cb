// Where mail goes next: the hosts an administrator names, and their addresses as configured.
// Threads: immutable values. Source: RFC 5598 (next hop), Q258203, Q201127, Q279323.
#pragma once

#include "mail/domain.hpp"
#include "mail/ip_address.hpp"
#include "mail/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::resolver {

enum class Protocol { smtp, lmtp };

std::string_view to_text(Protocol protocol);

struct NamedEndpoint {
    mail::Domain name;  // resolved by host records, never by MX (Q201127)
    std::uint16_t port;
};
struct AddressEndpoint {
    mail::IpAddress address;
    std::uint16_t port;
};
struct MxEndpoint {
    mail::Domain domain;
};
struct UnixEndpoint {
    std::string path;
};

// One address of a host, with the text it was configured by.
struct HostAddress {
    std::variant<NamedEndpoint, AddressEndpoint, MxEndpoint, UnixEndpoint> endpoint;
    std::string text;

    // "mbx1.adatum.com", "mbx1:2525", "10.0.0.1:25", "[2001:db8::1]:25", "2001:db8::1",
    // "mx:example.net", "unix:/run/lmtp". Without a port: 25, for LMTP 24.
    static mail::Result<HostAddress> parse(std::string_view text, Protocol protocol);
};

// A system that takes mail from us, and perhaps gives us its own.
struct Host {
    std::string name;                    // its name in [host.NAME], or what stands in its place
    std::vector<HostAddress> addresses;  // tried in order
    Protocol protocol = Protocol::smtp;
    std::vector<mail::Network> networks;  // where this system's own mail comes from
    std::string source;                   // "FILE:LINE"
};

using HostPtr = std::shared_ptr<Host const>;

}  // namespace splitmx::resolver
