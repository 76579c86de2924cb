#include "smtp/net/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace splitmx::smtp::net {

namespace {

mail::Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    auto const end = text.data() + text.size();
    auto const [stop, failure] = std::from_chars(text.data(), end, port);
    if (failure != std::errc{} || stop != end) {
        return mail::Error{"\"" + std::string(text) + "\" is not a port", 0};
    }
    return port;
}

}  // namespace

mail::Result<Endpoint> Endpoint::parse(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return mail::Error{"\"" + std::string(text) + "\" has no port", text.size()};
    }
    std::string_view host = text.substr(0, colon);
    bool const bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    auto const address = mail::IpAddress::parse(host);
    if (!address) return address.error();
    // Without brackets the last group of an IPv6 address would pass for a port.
    if (!address->is_v4() && !bracketed) {
        return mail::Error{"an IPv6 address before a port needs brackets", 0};
    }
    auto const port = parse_port(text.substr(colon + 1));
    if (!port) return port.error();
    return Endpoint(*address, *port);
}

std::string Endpoint::to_text() const {
    std::string const host = address.to_text();
    return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

SocketAddress::SocketAddress(Endpoint const& endpoint) {
    auto const& octets = endpoint.address.octets();
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, octets.data(), 4);
        std::memcpy(&storage_, &v4, sizeof v4);
        size_ = sizeof v4;
        return;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
    std::memcpy(&storage_, &v6, sizeof v6);
    size_ = sizeof v6;
}

std::optional<Endpoint> SocketAddress::endpoint() const {
    if (storage_.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage_, sizeof v4);
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &v4.sin_addr, octets.size());
        return Endpoint(mail::IpAddress::from_v4(octets), ntohs(v4.sin_port));
    }
    if (storage_.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &storage_, sizeof v6);
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        return Endpoint(mail::IpAddress::from_v6(octets), ntohs(v6.sin6_port));
    }
    return std::nullopt;
}

sockaddr* SocketAddress::data() { return reinterpret_cast<sockaddr*>(&storage_); }

sockaddr const* SocketAddress::data() const { return reinterpret_cast<sockaddr const*>(&storage_); }

}  // namespace splitmx::smtp::net
