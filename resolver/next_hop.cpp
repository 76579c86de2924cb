#include "resolver/next_hop.hpp"

#include <charconv>

namespace splitmx::resolver {

namespace {

mail::Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    auto const end = text.data() + text.size();
    auto const [stop, failure] = std::from_chars(text.data(), end, port);
    if (failure != std::errc{} || stop != end || port == 0) {
        return mail::Error{"\"" + std::string(text) + "\" is not a port", 0};
    }
    return port;
}

struct HostAndPort {
    std::string_view host;
    std::string_view port;  // empty: the default
};

// "host:port", "[v6]:port", and a bare IPv6 address, whose colons are not a port's.
HostAndPort split(std::string_view text) {
    if (text.starts_with('[')) {
        auto const close = text.find(']');
        if (close == std::string_view::npos) return {text, {}};
        auto const rest = text.substr(close + 1);
        return {text.substr(1, close - 1), rest.starts_with(':') ? rest.substr(1) : rest};
    }
    auto const colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
        return {text, {}};
    }
    return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

std::string_view to_text(Protocol protocol) { return protocol == Protocol::lmtp ? "lmtp" : "smtp"; }

mail::Result<HostAddress> HostAddress::parse(std::string_view text, Protocol protocol) {
    std::string const written(text);
    if (text.starts_with("unix:")) {
        if (!text.substr(5).starts_with('/'))
            return mail::Error{"a unix: path starts with \"/\"", 5};
        return HostAddress{UnixEndpoint{std::string(text.substr(5))}, written};
    }
    if (text.starts_with("mx:")) {
        auto domain = mail::Domain::parse(text.substr(3));
        if (!domain || domain->is_literal())
            return mail::Error{"\"" + written + "\" names no domain", 3};
        return HostAddress{MxEndpoint{std::move(*domain)}, written};
    }
    auto const [host, port_text] = split(text);
    std::uint16_t port = protocol == Protocol::lmtp ? 24 : 25;
    if (!port_text.empty() || text.ends_with(':')) {
        auto const parsed = parse_port(port_text);
        if (!parsed) return parsed.error();
        port = *parsed;
    }
    auto const bare = host.starts_with("IPv6:") ? host.substr(5) : host;
    if (auto const address = mail::IpAddress::parse(bare)) {
        return HostAddress{AddressEndpoint{*address, port}, written};
    }
    auto name = mail::Domain::parse(host);
    if (!name || name->is_literal()) return mail::Error{"\"" + written + "\" is no host name", 0};
    return HostAddress{NamedEndpoint{std::move(*name), port}, written};
}

}  // namespace splitmx::resolver
