// IP addresses and networks as values (no sockets): clients, address literals, relay policy.
// An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is the IPv4 address, so that no rule can be evaded
// by the way a client connected.
// Threads: immutable values. Source: RFC 5321 4.1.3, RFC 4291 2.2, RFC 4632.
#pragma once

#include "mail/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace splitmx::mail {

class IpAddress {
public:
    // "192.0.2.1", "2001:db8::1"; no brackets, no zone.
    static Result<IpAddress> parse(std::string_view text);
    static IpAddress from_v4(std::array<std::uint8_t, 4> octets);
    static IpAddress from_v6(std::array<std::uint8_t, 16> octets);

    bool is_v4() const { return v4_; }
    bool is_loopback() const;
    // The first `bits` bits agree, and the family does.
    bool shares_prefix(IpAddress const& other, unsigned bits) const;
    // Octets in network order; 4 of them count for IPv4.
    std::array<std::uint8_t, 16> const& octets() const { return octets_; }
    unsigned bits() const { return v4_ ? 32 : 128; }

    std::string to_text() const;     // "192.0.2.1"
    std::string to_literal() const;  // "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 4.1.3)

    auto operator<=>(IpAddress const&) const = default;

private:
    std::array<std::uint8_t, 16> octets_{};
    bool v4_ = true;
};

// A network such as 10.0.0.0/8, 10.0.0.0/255.0.0.0 or a single address.
class Network {
public:
    // Fails when bits are set below the mask: such a network could never match (Q193922, Q258140).
    static Result<Network> parse(std::string_view text);

    bool contains(IpAddress const& address) const;
    bool is_everything() const { return bits_ == 0; }
    std::string to_text() const;

    bool operator==(Network const&) const = default;

private:
    IpAddress base_;
    unsigned bits_ = 32;
};

}  // namespace splitmx::mail
