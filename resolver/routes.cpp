// Next hops: which host takes a domain or a mailbox, and the two hops that are never taken: this
// machine, and the system the mail came from.
#include "resolver/ping_pong.hpp"
#include "resolver/walk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::resolver {

namespace {

HostPtr host_from(std::string name, HostAddress address) {
    auto host = std::make_shared<Host>();
    host->name = std::move(name);
    host->addresses.push_back(std::move(address));
    return host;
}

HostPtr literal_host(mail::Domain const& literal) {
    return host_from(literal.text(), {AddressEndpoint{*literal.address(), 25}, literal.text()});
}

HostPtr mx_host(mail::Domain const& domain) {
    auto const text = "mx:" + domain.text();
    return host_from(text, {MxEndpoint{domain}, text});
}

std::string with_port(HostAddress const& address) {
    if (auto const* named = std::get_if<NamedEndpoint>(&address.endpoint)) {
        return fmt::format("{}:{}", named->name.text(), named->port);
    }
    auto const& endpoint = std::get<AddressEndpoint>(address.endpoint);
    auto const text = endpoint.address.to_text();
    if (endpoint.address.is_v4()) return fmt::format("{}:{}", text, endpoint.port);
    return fmt::format("[{}]:{}", text, endpoint.port);
}

}  // namespace

HostPtr Walk::host_for(mail::Domain const& domain) {
    if (auto const* delivery = table_.delivery.find(domain)) {
        note(
            Rule::host_of_domain,
            domain.text() + " matched \"" + delivery->pattern.to_text() + "\"",
            delivery->source
        );
        return delivery->host;
    }
    if (domain.is_literal()) {
        note(Rule::host_literal, domain.text());
        return literal_host(domain);
    }
    if (table_.outbound) {
        note(Rule::host_outbound, table_.outbound->name, table_.outbound_source);
        return table_.outbound;
    }
    note(Rule::host_mx, domain.text());
    return mx_host(domain);
}

// A mail host in an entry names a [host.NAME], or is a name or an address with an optional port.
HostPtr Walk::host_of_mailbox(Recipient const& entry) {
    auto const& dn = entry.name.text;
    if (entry.mail_host.empty()) {
        if (!table_.mailbox_host) {
            note(Rule::mailbox_without_host, dn, dn);
            return nullptr;
        }
        note(Rule::mailbox_default_host, table_.mailbox_host->name, table_.mailbox_host_source);
        return table_.mailbox_host;
    }
    if (auto found = table_.host_named(entry.mail_host)) {
        note(Rule::mailbox_own_host, found->name, dn);
        return found;
    }
    auto const address = HostAddress::parse(entry.mail_host, Protocol::smtp);
    bool const usable = address && (std::holds_alternative<NamedEndpoint>(address->endpoint) ||
                                    std::holds_alternative<AddressEndpoint>(address->endpoint));
    if (!usable) {
        note(Rule::host_unusable, mail::to_log_text(entry.mail_host), dn);
        return nullptr;
    }
    auto name = with_port(*address);
    note(Rule::mailbox_own_host, name, dn);
    return host_from(std::move(name), *address);
}

// An own name or address and a port we listen on. A message store by LMTP, a Unix socket or another
// port is somebody else; what DNS alone can tell is found at delivery.
bool Walk::is_self(Host const& host) const {
    if (host.protocol == Protocol::lmtp || host.addresses.empty()) return false;
    auto const& self = table_.self;
    auto const is_own = [&](HostAddress const& address) {
        if (auto const* direct = std::get_if<AddressEndpoint>(&address.endpoint)) {
            return self.has_address(direct->address) && self.listens_on(direct->port);
        }
        auto const* named = std::get_if<NamedEndpoint>(&address.endpoint);
        if (!named || !self.listens_on(named->port)) return false;
        if (self.has_name(named->name)) return true;
        auto const record = table_.host_records.find(named->name.text());
        return record != table_.host_records.end() &&
               std::any_of(record->second.begin(), record->second.end(), [&](auto const& a) {
                   return self.has_address(a);
               });
    };
    return std::all_of(host.addresses.begin(), host.addresses.end(), is_own);
}

namespace {

// The sender's postmaster reads it in the other system's report: on which side somebody is missing.
std::string_view who_should_know(mail::Reason reason) {
    return reason == mail::Reason::forwarded_unknown ? "; neither of us knows it"
                                                     : ", which should know it";
}

}  // namespace

Outcome Walk::route(
    mail::ForwardPath rcpt,
    RouteKind kind,
    mail::Reason reason,
    HostPtr host,
    Recipient const* entry
) {
    if (is_self(*host)) {
        note(Rule::next_hop_self, host->name, host->source);
        return Outcome::refused(mail::Reason::loop);
    }
    if (!query_.own && is_part_of(query_.client.address, *host, table_) && rcpt == query_.rcpt) {
        note(
            Rule::ping_pong,
            fmt::format(
                "{} came from {}, which is {}",
                rcpt.to_log(),
                query_.client.address.to_text(),
                host->name
            ),
            host->source
        );
        // Only a system that an administrator has named gets to read this.
        auto const from = query_.client.address.to_text();
        return Outcome::refused(
            mail::Reason::loop,
            fmt::format(
                "Mail loop: {} came from {} and would go back there, to {}{}",
                rcpt.to_log(),
                from,
                host->name,
                who_should_know(reason)
            )
        );
    }
    std::optional<EntryName> name;
    if (entry) name = entry->name;
    return Outcome::routed(
        reason, Route{std::move(rcpt), query_.rcpt.typed(), kind, std::move(host), std::move(name)}
    );
}

}  // namespace splitmx::resolver
