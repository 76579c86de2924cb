// A postmaster without an entry (RFC 5321 4.5.1, Q242387): [server] postmaster, and where that
// leads nowhere, the default mailbox host. Mail for a postmaster is never an unknown recipient.
#include "resolver/walk.hpp"

#include <fmt/format.h>

namespace splitmx::resolver {

Outcome Walk::postmaster(mail::ForwardPath const& typed) {
    if (auto outcome = configured_postmaster(typed)) return std::move(*outcome);
    return default_postmaster(typed);
}

// The address that our greeting and our reports lead to, where no [[domain]] covers our name.
bool Walk::is_own_postmaster(mail::Mailbox const& address) const {
    return address.local_part().is_postmaster() && table_.self.has_name(address.domain());
}

// He goes on without a domain: a host behind us that has never heard of our name would refuse to
// relay, but has to take Postmaster.
Outcome Walk::own_postmaster(mail::Mailbox const& address) {
    note(Rule::postmaster_own_name, address.to_log());
    return postmaster(mail::ForwardPath::parse("Postmaster").value());
}

// Empty where [server] postmaster resolves to nothing.
std::optional<Outcome> Walk::configured_postmaster(mail::ForwardPath const& typed) {
    if (!table_.postmaster || table_.postmaster == typed.mailbox()) return std::nullopt;
    note(Rule::postmaster_entry, table_.postmaster->to_log(), table_.postmaster_source);
    auto const end = follow_reroutes(*table_.postmaster);
    if (end.end == Rerouted::End::cycle) return std::nullopt;
    bool const inbound = end.rule ? std::holds_alternative<Inbound>(end.rule->action)
                                  : is_own_literal(end.address.domain());
    Outcome outcome;
    if (inbound) {
        auto const answer = ask(end.address);
        if (std::holds_alternative<NotAsked>(answer)) return Outcome::waiting();
        if (std::holds_alternative<Unavailable>(answer)) {
            note(Rule::directory_unavailable, end.address.to_log());
            return Outcome::deferred(mail::Reason::directory_unavailable);
        }
        auto const* one = std::get_if<One>(&answer);
        if (!one) return std::nullopt;
        note(Rule::directory_one, end.address.to_log(), one->recipient->name.text);
        outcome = by_entry(one->recipient, &end.address);
    } else {
        // Outside our domains only where a host is named for it: never by chance through DNS.
        if (!table_.delivery.find(end.address.domain())) return std::nullopt;
        outcome = relay(end.address, Permission::granted);
    }
    if (outcome.is_failure()) return std::nullopt;
    if (outcome.is_routed()) outcome.reason = mail::Reason::postmaster;
    return outcome;
}

Outcome Walk::default_postmaster(mail::ForwardPath const& typed) {
    if (!table_.mailbox_host) {
        note(Rule::mailbox_without_host, typed.to_log());
        return Outcome::refused(mail::Reason::no_route);
    }
    note(Rule::postmaster_default, typed.to_log(), table_.mailbox_host_source);
    return route(
        typed, RouteKind::postmaster, mail::Reason::postmaster, table_.mailbox_host, nullptr
    );
}

}  // namespace splitmx::resolver
