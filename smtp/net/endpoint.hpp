// One end of a TCP connection as a value, and the way to and from the socket's own form.
// Threads: immutable value. Source: RFC 9293 3.3 (socket), RFC 4291 2.5.5.2 (mapped addresses).
#pragma once

#include "mail/ip_address.hpp"
#include "mail/result.hpp"

#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace splitmx::smtp::net {

struct Endpoint {
    mail::IpAddress address;
    std::uint16_t port = 0;

    Endpoint() = default;
    Endpoint(mail::IpAddress where, std::uint16_t number) : address(where), port(number) {}

    // "192.0.2.1:25", "[2001:db8::1]:25".
    static mail::Result<Endpoint> parse(std::string_view text);
    std::string to_text() const;

    auto operator<=>(Endpoint const&) const = default;
};

// The same in the form of the system calls.
class SocketAddress {
public:
    SocketAddress() = default;
    explicit SocketAddress(Endpoint const& endpoint);

    // Nothing for a Unix socket. Octets after the first size() are not looked at.
    std::optional<Endpoint> endpoint() const;

    sockaddr* data();
    sockaddr const* data() const;
    socklen_t& size() { return size_; }
    socklen_t size() const { return size_; }

private:
    sockaddr_storage storage_{};
    socklen_t size_ = sizeof(sockaddr_storage);
};

}  // namespace splitmx::smtp::net
