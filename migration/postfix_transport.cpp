// transport(5): "key transport:nexthop". A next hop in brackets is a machine; without them its MX.
#include "migration/postfix.hpp"
#include "resolver/next_hop.hpp"
#include "schema/remark.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace splitmx::migration {

namespace {

struct NextHop {
    std::string address;  // as [host.NAME] address has it
    bool lmtp = false;
    bool by_mx = false;
};

Rejection no_next_hop(std::string_view text, std::string_view why) {
    return {fmt::format("the next hop \"{}\" {}", schema::to_remark_text(text), why)};
}

// "[host]", "[host]:port", "host:port", "[ipv6:2001:db8::1]", "inet:host:port" of lmtp.
std::variant<NextHop, Outcome> read_host(std::string_view text, bool lmtp) {
    auto rest = text;
    if (lmtp && rest.starts_with("inet:")) rest.remove_prefix(5);
    NextHop hop;
    hop.lmtp = lmtp;
    std::string name(rest);
    std::string port;
    if (rest.starts_with('[')) {
        auto const close = rest.find(']');
        if (close == std::string_view::npos) return no_next_hop(text, "lacks its closing bracket");
        name = rest.substr(1, close - 1);
        port = rest.substr(close + 1);
        if (name.starts_with("ipv6:") || name.starts_with("IPv6:")) name.erase(0, 5);
        if (name.find(':') != std::string::npos) name = "[" + name + "]";
    } else {
        auto const colon = name.rfind(':');
        if (colon != std::string::npos) {
            port = name.substr(colon);
            name.erase(colon);
        }
        hop.by_mx = !lmtp;
    }
    if (port.starts_with(':')) port.erase(0, 1);
    if (port == "smtp") port = "25";
    if (port == "submission") port = "587";
    if (hop.by_mx && !port.empty() && port != "25") {
        return no_next_hop(
            text, "is looked up by MX, and has a port of its own: put it in brackets"
        );
    }
    hop.address = hop.by_mx ? "mx:" + name : name;
    if (!hop.by_mx && !port.empty() && port != "25") hop.address += ":" + port;
    auto const protocol = lmtp ? resolver::Protocol::lmtp : resolver::Protocol::smtp;
    auto const parsed = resolver::HostAddress::parse(hop.address, protocol);
    if (!parsed) return no_next_hop(text, "is none: " + parsed.error().what);
    return hop;
}

std::variant<NextHop, Outcome> read_next_hop(std::string_view value) {
    auto const colon = value.find(':');
    if (colon == std::string_view::npos) {
        return Rejection{
            fmt::format("\"{}\" is no transport:nexthop", schema::to_remark_text(value))};
    }
    auto const transport = value.substr(0, colon);
    auto const rest = value.substr(colon + 1);
    bool const lmtp = transport == "lmtp";
    // Neither: as without this line.
    if (transport.empty() && rest.empty()) return Skip::other_delivery;
    if (!lmtp && transport != "smtp" && transport != "relay" && !transport.empty()) {
        return transport == "error" ? Outcome{Skip::refused_anyway} : Outcome{Skip::other_delivery};
    }
    if (lmtp && rest.starts_with("unix:")) {
        auto const path = rest.substr(5);
        if (path.starts_with('/')) return NextHop{"unix:" + std::string(path), true, false};
        return no_next_hop(rest, "is a path within Postfix's queue directory: write it whole");
    }
    if (rest.empty()) return Skip::other_delivery;  // the recipient's own MX, as anyway
    return read_host(rest, lmtp);
}

Outcome read_user(MapLine const& line, NextHop const& hop) {
    auto address = mail::Mailbox::parse(line.key);
    if (!address) {
        return Rejection{fmt::format(
            "the key \"{}\" is no address: {}",
            schema::to_remark_text(line.key),
            address.error().what
        )};
    }
    if (hop.by_mx) {
        return Rejection{
            "the host of one mailbox is a machine, and this next hop is looked up by MX: put it in "
            "brackets"};
    }
    if (hop.lmtp) {
        return Rejection{
            "the host of one mailbox that speaks LMTP needs a [host.NAME] section; then "
            "--mail-host "
            "names it"};
    }
    auto person = person_at(std::move(*address), resolver::RecipientKind::mailbox);
    person.host = hop.address;
    return person;
}

}  // namespace

Outcome read_transport(MapLine const& line) {
    auto read = read_next_hop(line.value);
    if (auto* other = std::get_if<Outcome>(&read)) return std::move(*other);
    auto const& hop = std::get<NextHop>(read);
    Route route;
    route.address = hop.address;
    route.lmtp = hop.lmtp;
    if (line.key == "*") {
        route.scope = Route::Scope::everything;
        return route;
    }
    if (line.key.find('@') != std::string::npos) return read_user(line, hop);
    std::string_view name = line.key;
    if (name.starts_with('.')) {
        route.scope = Route::Scope::below;
        name.remove_prefix(1);
    }
    auto domain = mail::Domain::parse(name);
    if (!domain) {
        return Rejection{fmt::format(
            "the domain \"{}\" is none: {}", schema::to_remark_text(name), domain.error().what
        )};
    }
    route.domain = std::move(*domain);
    return route;
}

}  // namespace splitmx::migration
