#include "config/check.hpp"

#include "config/domain_check.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::config {

namespace {

// Whoever may put any client's name to a connection is believed by the relay policy and all limits.
void check_front_ends(Section const& listener, Findings& findings) {
    for (auto const& [text, position] : listener.texts("proxy_protocol")) {
        auto const network = mail::Network::parse(text);
        if (!network || !network->is_everything()) continue;
        findings.warning(
            position,
            "everybody may claim to be any client: relay policy and limits mean nothing here",
            "name the front ends"
        );
    }
}

bool is_wildcard(mail::IpAddress const& address) {
    auto const& octets = address.octets();
    return std::all_of(octets.begin(), octets.end(), [](auto octet) { return octet == 0; });
}

// All addresses and one of them, with the same port: the second cannot be opened. IPv6 is apart.
class OpenPorts {
public:
    explicit OpenPorts(Findings& findings) : findings_(findings) {}

    void add(Endpoint const& endpoint, SourcePosition position) {
        for (auto const& [other, place] : known_) {
            bool const is_same_port =
                other.port == endpoint.port && other.address.is_v4() == endpoint.address.is_v4();
            if (!is_same_port || is_wildcard(other.address) == is_wildcard(endpoint.address))
                continue;
            findings_.error(
                position,
                fmt::format("\"{}\" and \"{}\" overlap", endpoint.to_text(), other.to_text()),
                fmt::format("the other is in line {}, column {}", place.line, place.column)
            );
            break;
        }
        known_.emplace_back(endpoint, position);
    }

private:
    Findings& findings_;
    std::vector<std::pair<Endpoint, SourcePosition>> known_;
};

void check_listeners(Table const& document, Findings& findings) {
    auto const* entry = document.find("listen");
    auto const* items = entry != nullptr ? entry->value.array() : nullptr;
    if (items == nullptr) return;
    std::map<std::string, SourcePosition> addresses;
    std::map<std::string, SourcePosition> names;
    OpenPorts ports(findings);
    auto const once = [&](auto& known, std::string const& text, SourcePosition position) {
        auto const [first, added] = known.emplace(text, position);
        if (added) return;
        findings.error(
            position,
            fmt::format("\"{}\" is there twice", text),
            fmt::format("first in line {}, column {}", first->second.line, first->second.column)
        );
    };
    for (auto const& item : *items) {
        if (item.table() == nullptr) continue;
        Section const section("listen", item.table(), item.position);
        if (section.has("name")) once(names, section.text("name"), section.value_position("name"));
        for (auto const& [text, position] : section.texts("address")) {
            auto const address = parse_endpoint(text, std::nullopt);
            // Any free port is another one each time.
            if (!address || address->port == 0) continue;
            once(addresses, address->to_text(), position);
            ports.add(*address, position);
        }
        check_front_ends(section, findings);
    }
}

bool is_self(resolver::HostAddress const& address, resolver::Self const& self) {
    if (auto const* literal = std::get_if<resolver::AddressEndpoint>(&address.endpoint)) {
        return self.listens_on(literal->port) && self.has_address(literal->address);
    }
    auto const* named = std::get_if<resolver::NamedEndpoint>(&address.endpoint);
    if (named == nullptr || !self.listens_on(named->port)) return false;
    if (self.has_name(named->name)) return true;
    if (named->name.text() != "localhost") return false;
    auto const v4 = mail::IpAddress::from_v4({127, 0, 0, 1});
    auto const v6 = mail::IpAddress::from_v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    return self.has_address(v4) || self.has_address(v6);
}

// Mail that is handed to ourselves would come round again (Q146126, Q182406).
void check_hosts(Routing const& routing, Findings& findings) {
    for (auto const& [name, section] : routing.hosts) {
        // LMTP is never ours: we speak it only to others.
        if (section.text("protocol") != "smtp") continue;
        for (auto const& [text, position] : section.texts("address")) {
            auto const address = resolver::HostAddress::parse(text, resolver::Protocol::smtp);
            if (!address || !is_self(*address, routing.table.self)) continue;
            findings.error(
                position,
                fmt::format("\"{}\" is this machine: mail would come back to us", text),
                "name the host that has the mailboxes"
            );
        }
    }
}

void check_queue(Table const& document, Findings& findings) {
    auto const section = Section::single("queue", document);
    auto const expire = section.duration("expire");
    auto const warn_after = section.duration_or_never("warn_after");
    constexpr mail::Duration none{};
    if (!warn_after || expire == none || expire >= *warn_after) return;
    findings.warning(
        section.value_position(section.has("expire") ? "expire" : "warn_after"),
        "mail is returned before its sender would be warned",
        "warn_after = \"never\" where that is meant"
    );
}

void check_relay(Table const& document, Findings& findings) {
    for (auto const& [text, position] : Section::single("relay", document).texts("allow")) {
        auto const network = mail::Network::parse(text);
        if (!network || !network->is_everything()) continue;
        findings.warning(
            position, "everybody may relay: this is an open relay", "name the networks that may"
        );
    }
}

void check_inbound(Table const& document, Routing const& routing, Findings& findings) {
    auto const& entries = routing.domains;
    auto const inbound = std::find_if(entries.begin(), entries.end(), [](auto const& entry) {
        return entry.section.text("action") == "inbound";
    });
    if (inbound == entries.end()) return;
    auto const position = inbound->section.value_position("action");
    if (document.find("directory") == nullptr) {
        findings.warning(
            position,
            "inbound domains need a directory, and there is none: every recipient gets 451",
            "[directory.main] with uri = \"ldap://...\" or \"ldif:FILE\""
        );
    }
    if (!Section::single("routing", document).has("mailbox_host")) {
        findings.warning(
            position,
            "mailboxes whose entry names no host have no route",
            "[routing] mailbox_host names one for them"
        );
    }
}

}  // namespace

void check(Table const& document, Routing const& routing, Purpose purpose, Findings& findings) {
    if (document.find("listen") == nullptr) {
        constexpr auto hint = "such as address = \"0.0.0.0:25\"";
        if (purpose == Purpose::serve) findings.error({}, "there is no [[listen]]", hint);
        if (purpose == Purpose::inspect) findings.warning({}, "there is no [[listen]]", hint);
    }
    check_listeners(document, findings);
    check_hosts(routing, findings);
    check_queue(document, findings);
    check_relay(document, findings);
    check_inbound(document, routing, findings);
    check_domains(routing, findings);
}

}  // namespace splitmx::config
