#include "config/routing.hpp"

#include "config/suggestion.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace splitmx::config {

namespace {

class RoutingReader {
public:
    RoutingReader(Table const& document, FileOrigin const& origin, Findings& findings)
        : document_(document), origin_(origin), findings_(findings) {}

    void read_hosts();
    void read_domains();
    void read_routing_section();
    void read_relay();
    void read_server(mail::Domain const& hostname);
    void read_self(mail::Domain const& hostname, std::vector<Listener> const& listeners);

    Routing take() { return std::move(routing_); }

private:
    resolver::HostPtr host_named(Section const& section, std::string_view key);
    void read_domain(Section const& section);
    bool is_first(DomainEntry::Name const& name);
    void add_rules(DomainEntry const& entry);
    std::optional<decltype(resolver::AcceptanceRule::action)> action_of(Section const& section);
    resolver::Inbound inbound_of(Section const& section) const;
    std::string word(Section const& section, std::string_view key) const;

    Table const& document_;
    FileOrigin const& origin_;
    Findings& findings_;
    Routing routing_;
    std::map<std::string, SourcePosition> first_by_name_;
};

void RoutingReader::read_hosts() {
    auto const* entry = document_.find("host");
    auto const* named = entry != nullptr ? entry->value.table() : nullptr;
    if (named == nullptr) return;
    for (auto const& [name, position, value] : named->entries) {
        if (value.table() == nullptr) continue;
        Section const section("host", value.table(), value.position);
        auto host = std::make_shared<resolver::Host>();
        host->name = name;
        host->source = origin_.source(section.heading());
        host->networks = section.networks("networks");
        if (section.text("protocol") == "lmtp") host->protocol = resolver::Protocol::lmtp;
        for (auto const& item : section.texts("address")) {
            auto address = resolver::HostAddress::parse(item.text, host->protocol);
            if (address) host->addresses.push_back(std::move(*address));
        }
        routing_.table.hosts.emplace(name, std::move(host));
        routing_.hosts.push_back({name, section});
    }
}

resolver::HostPtr RoutingReader::host_named(Section const& section, std::string_view key) {
    auto const name = section.text(key);
    if (name.empty()) return nullptr;
    auto const found = routing_.table.hosts.find(name);
    if (found != routing_.table.hosts.end()) return found->second;
    std::vector<std::string> names;
    for (auto const& host : routing_.hosts) names.push_back(host.name);
    bool const needs_quotes = name.find_first_of(".:/ ") != std::string::npos;
    findings_.error(
        section.value_position(key),
        fmt::format(
            fmt::runtime(needs_quotes ? "no [host.\"{}\"] is defined" : "no [host.{}] is defined"),
            name
        ),
        did_you_mean(nearest(name, names))
    );
    return nullptr;
}

void RoutingReader::read_domains() {
    auto const* entry = document_.find("domain");
    auto const* items = entry != nullptr ? entry->value.array() : nullptr;
    if (items == nullptr) return;
    for (auto const& item : *items) {
        if (item.table() != nullptr) read_domain({"domain", item.table(), item.position});
    }
}

bool RoutingReader::is_first(DomainEntry::Name const& name) {
    auto const text = name.pattern.to_text();
    auto const [first, added] = first_by_name_.emplace(text, name.position);
    if (!added) {
        findings_.error(
            name.position,
            fmt::format("the domain \"{}\" is named twice", text),
            fmt::format("first in line {}, column {}", first->second.line, first->second.column)
        );
    }
    return added;
}

void RoutingReader::read_domain(Section const& section) {
    DomainEntry entry{section, {}};
    for (auto const& item : section.texts("name")) {
        auto pattern = resolver::DomainPattern::parse(item.text);
        if (!pattern) continue;
        DomainEntry::Name name{std::move(*pattern), item.position};
        if (is_first(name)) entry.names.push_back(std::move(name));
    }
    add_rules(entry);
    routing_.domains.push_back(std::move(entry));
}

// A value of the entry's own, or else the one that [routing] has for all.
std::string RoutingReader::word(Section const& section, std::string_view key) const {
    if (section.has(key)) return section.text(key);
    return Section::single("routing", document_).text(key);
}

std::optional<decltype(resolver::AcceptanceRule::action)> RoutingReader::action_of(
    Section const& section
) {
    auto const action = section.text("action");
    if (action == "relay") return resolver::Relay{section.boolean("always_relay")};
    if (action == "reroute") {
        auto to = parse_domain(section.text("to"));
        if (!to) return std::nullopt;
        return resolver::Reroute{std::move(*to)};
    }
    if (action != "inbound") return std::nullopt;
    return inbound_of(section);
}

resolver::Inbound RoutingReader::inbound_of(Section const& section) const {
    resolver::Inbound inbound;
    auto const unknown = word(section, "unknown");
    if (unknown == "ndr") inbound.unknown = resolver::UnknownMode::ndr;
    if (unknown == "forward") inbound.unknown = resolver::UnknownMode::forward;
    if (word(section, "ambiguous") == "reject") {
        inbound.ambiguous = resolver::AmbiguousMode::reject;
    }
    return inbound;
}

void RoutingReader::add_rules(DomainEntry const& entry) {
    auto const action = action_of(entry.section);
    auto const host = host_named(entry.section, "host");
    for (auto const& [pattern, position] : entry.names) {
        auto const source = origin_.source(position);
        if (action) routing_.table.acceptance.add({pattern, *action, source});
        if (host) routing_.table.delivery.add({pattern, host, source});
    }
}

void RoutingReader::read_routing_section() {
    auto const section = Section::single("routing", document_);
    auto& table = routing_.table;
    table.subaddress = section.text("subaddress");
    auto const is_separator = [](char c) {
        return std::string_view("+-_=#!%&*/~^|").find(c) != std::string_view::npos;
    };
    if (!std::all_of(table.subaddress.begin(), table.subaddress.end(), is_separator)) {
        findings_.error(
            section.value_position("subaddress"),
            "a subaddress begins with one of + - _ = # ! % & * / ~ ^ |"
        );
    }
    table.own_literals = inbound_of(section);
    table.catch_all = section.boolean("catch_all");
    if (section.has("mailbox_host")) {
        table.mailbox_host = host_named(section, "mailbox_host");
        table.mailbox_host_source = origin_.source(section.key_position("mailbox_host"));
    }
    if (section.text("outbound") != "mx") table.outbound = host_named(section, "outbound");
    if (section.has("outbound")) {
        table.outbound_source = origin_.source(section.key_position("outbound"));
    }
}

void RoutingReader::read_relay() {
    auto const section = Section::single("relay", document_);
    auto& relay = routing_.table.relay;
    relay.deny = section.networks("deny");
    relay.allow = section.networks("allow");
    relay.local_addresses = section.addresses("local_address");
    relay.authenticated = section.boolean("authenticated");
}

void RoutingReader::read_server(mail::Domain const& hostname) {
    auto const section = Section::single("server", document_);
    auto const text =
        section.has("postmaster") ? section.text("postmaster") : "postmaster@" + hostname.text();
    if (auto postmaster = mail::Mailbox::parse(text)) {
        routing_.table.postmaster = std::move(*postmaster);
    }
    if (section.has("postmaster")) {
        routing_.table.postmaster_source = origin_.source(section.key_position("postmaster"));
    }
}

void RoutingReader::read_self(
    mail::Domain const& hostname, std::vector<Listener> const& listeners
) {
    auto const section = Section::single("server", document_);
    auto& self = routing_.table.self;
    self.names.push_back(hostname);
    for (auto const& item : section.texts("own_names")) {
        if (auto name = parse_domain(item.text)) self.names.push_back(std::move(*name));
    }
    self.addresses = section.addresses("own_addresses");
    for (auto const& listener : listeners) {
        for (auto const& [address, port] : listener.addresses) {
            auto const& octets = address.octets();
            bool const is_wildcard =
                std::all_of(octets.begin(), octets.end(), [](auto octet) { return octet == 0; });
            if (is_wildcard) {
                self.all_loopback = true;
            } else if (!self.has_address(address)) {
                self.addresses.push_back(address);
            }
            if (port != 0 && !self.listens_on(port)) self.ports.push_back(port);
        }
    }
}

}  // namespace

Routing read_routing(
    Table const& document,
    FileOrigin const& origin,
    mail::Domain const& hostname,
    std::vector<Listener> const& listeners,
    Findings& findings
) {
    RoutingReader reader(document, origin, findings);
    reader.read_hosts();
    reader.read_domains();
    reader.read_routing_section();
    reader.read_relay();
    reader.read_server(hostname);
    reader.read_self(hostname, listeners);
    return reader.take();
}

}  // namespace splitmx::config
