// The domain part: may this recipient come in, and is it ours?
#include "resolver/walk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::resolver {

bool Walk::is_own_literal(mail::Domain const& domain) const {
    return domain.address() && table_.self.has_address(*domain.address());
}

Inbound const* Walk::inbound_of(AcceptanceRule const* rule, mail::Domain const& domain) const {
    if (rule) return std::get_if<Inbound>(&rule->action);
    return is_own_literal(domain) ? &table_.own_literals : nullptr;
}

// The rule for a domain, noted in the trace. Null where none covers it.
AcceptanceRule const* Walk::find_rule(mail::Domain const& domain) {
    auto const* rule = table_.acceptance.find(domain);
    if (!rule) {
        auto const own = is_own_literal(domain);
        note(own ? Rule::domain_own_literal : Rule::domain_unlisted, domain.text());
        return nullptr;
    }
    auto matched = domain.text() + " matched \"" + rule->pattern.to_text() + "\"";
    if (auto const* reroute = std::get_if<Reroute>(&rule->action)) {
        note(Rule::domain_reroute, matched + ", to " + reroute->to.text(), rule->source);
    } else if (auto const* to = std::get_if<Relay>(&rule->action)) {
        auto const which = to->always ? Rule::domain_always_relay : Rule::domain_relay;
        note(which, std::move(matched), rule->source);
    } else {
        note(Rule::domain_inbound, std::move(matched), rule->source);
    }
    return rule;
}

// Reroutes replace the whole domain part and keep the local part (Q190710, Q169683).
Walk::Rerouted Walk::follow_reroutes(mail::Mailbox address) {
    std::vector<std::string> seen;
    for (std::size_t step = 0; step <= max_steps; ++step) {
        auto const* rule = find_rule(address.domain());
        auto const* reroute = rule ? std::get_if<Reroute>(&rule->action) : nullptr;
        if (!reroute) return {Rerouted::End::elsewhere, std::move(address), rule};
        if (reroute->to == address.domain()) {
            note(Rule::reroute_fix_point, address.to_log(), rule->source);
            return {Rerouted::End::fix_point, std::move(address), rule};
        }
        seen.push_back(address.domain().text());
        address = mail::Mailbox(address.local_part(), reroute->to);
        if (std::find(seen.begin(), seen.end(), reroute->to.text()) != seen.end()) break;
    }
    note(Rule::reroute_cycle, address.to_log());
    return {Rerouted::End::cycle, std::move(address), nullptr};
}

Outcome Walk::by_domain(mail::Mailbox const& address, Permission permission) {
    auto const end = follow_reroutes(address);
    switch (end.end) {
        case Rerouted::End::cycle:
            return Outcome::refused(mail::Reason::loop);
        case Rerouted::End::fix_point:
            return relay(end.address, Permission::granted);
        case Rerouted::End::elsewhere:
            break;
    }
    // An explicit reroute is permission in itself: its destination is the administrator's choice.
    bool const rerouted = !(end.address.domain() == address.domain());
    return by_rule(end.address, end.rule, rerouted ? Permission::granted : permission);
}

Outcome Walk::by_rule(
    mail::Mailbox const& address, AcceptanceRule const* rule, Permission permission
) {
    if (!rule) {
        if (is_own_literal(address.domain())) return by_directory(address, table_.own_literals);
        if (is_own_postmaster(address)) return own_postmaster(address);
        return relay(address, permission);
    }
    if (auto const* inbound = std::get_if<Inbound>(&rule->action)) {
        return by_directory(address, *inbound);
    }
    auto const* to = std::get_if<Relay>(&rule->action);
    bool const always = to && to->always;
    return relay(address, always ? Permission::granted : permission);
}

Outcome Walk::relay(mail::Mailbox const& address, Permission permission) {
    if (permission == Permission::asked) {
        auto verdict = table_.relay.judge(query_.client);
        note(verdict.rule, std::move(verdict.subject));
        if (!verdict.allowed) return Outcome::refused(mail::Reason::relay_denied);
    }
    return route(
        mail::ForwardPath(address),
        RouteKind::relay,
        mail::Reason::relay,
        host_for(address.domain()),
        nullptr
    );
}

// "sales+eu" is "sales". An address that begins with the separator has none.
std::optional<mail::Mailbox> Walk::without_subaddress(mail::Mailbox const& address) const {
    auto const& local_part = address.local_part().value();
    auto const at = local_part.find_first_of(table_.subaddress);
    if (at == std::string::npos || at == 0) return std::nullopt;
    auto base = mail::LocalPart::from_value(std::string_view(local_part).substr(0, at));
    if (!base) return std::nullopt;
    return mail::Mailbox(std::move(*base), address.domain());
}

// The exact address first; each further question only where the one before was answered with
// nobody.
Walk::LookedUp Walk::look_up(mail::Mailbox const& address) {
    auto found = look_up_address(address);
    if (!std::holds_alternative<None>(found.answer)) return found;
    return look_up_catch_all(address);
}

// Whose address it is; an entry that takes what nobody has comes after that.
Walk::LookedUp Walk::look_up_address(mail::Mailbox const& address) {
    // `""@domain` is how a catch-all is asked for, and nobody's address.
    if (address.local_part().value().empty()) return {None{}, address};
    auto answer = ask(address);
    if (!std::holds_alternative<None>(answer)) return {std::move(answer), address};
    if (auto const x500 = mail::encapsulated_in(address.local_part())) {
        return look_up_x500(address, *x500);
    }
    if (auto base = without_subaddress(address)) {
        answer = ask(*base);
        if (!std::holds_alternative<None>(answer)) {
            note(Rule::directory_subaddress, address.to_log() + " as " + base->to_log());
            return {std::move(answer), std::move(*base)};
        }
    }
    return {None{}, address};
}

// An encapsulated address is full of "+", and none of them divides off a subaddress.
Walk::LookedUp Walk::look_up_x500(mail::Mailbox const& address, mail::X500Address const& x500) {
    auto answer = ask(x500);
    auto const shown = mail::to_log_text("X500:" + x500.text());
    if (!std::holds_alternative<None>(answer)) {
        if (!std::holds_alternative<NotAsked>(answer)) note(Rule::directory_x500, shown);
        return {std::move(answer), address, true};
    }
    note(Rule::directory_x500_none, shown);
    return {None{}, address};
}

Walk::LookedUp Walk::look_up_catch_all(mail::Mailbox const& address) {
    auto const& local_part = address.local_part();
    if (!table_.catch_all || local_part.is_postmaster() || local_part.value().empty()) {
        return {None{}, address};
    }
    auto answer = ask(mail::Mailbox(mail::LocalPart(), address.domain()));
    if (!std::holds_alternative<None>(answer)) {
        note(Rule::directory_catch_all, address.to_log() + " as @" + address.domain().text());
    }
    return {std::move(answer), address};
}

Outcome Walk::by_directory(mail::Mailbox const& typed, Inbound const& modes) {
    auto const found = look_up(typed);
    auto const& [answer, address, by_x500] = found;
    if (std::holds_alternative<NotAsked>(answer)) return Outcome::waiting();
    if (auto const* down = std::get_if<Unavailable>(&answer)) {
        note(Rule::directory_unavailable, fmt::format("{}: {}", address.to_log(), down->why));
        return Outcome::deferred(mail::Reason::directory_unavailable);
    }
    if (auto const* many = std::get_if<Many>(&answer)) {
        for (auto const& name : many->names) {
            note(Rule::directory_many, address.to_log(), name.text);
        }
        return ambiguous(modes.ambiguous);
    }
    if (auto const* one = std::get_if<One>(&answer)) {
        note(Rule::directory_one, address.to_log(), one->recipient->name.text);
        return by_entry(one->recipient, found.addressed_as());
    }
    note(Rule::directory_none, address.to_log());
    if (address.local_part().is_postmaster()) return postmaster(mail::ForwardPath(address));
    return unknown(address, modes.unknown);
}

Outcome Walk::unknown(mail::Mailbox const& address, UnknownMode mode) {
    switch (mode) {
        case UnknownMode::reject:
            note(Rule::unknown_reject, address.to_log());
            break;
        case UnknownMode::ndr: {
            note(Rule::unknown_ndr, address.to_log());
            Outcome outcome;
            outcome.kind = Outcome::Kind::bounced;
            outcome.reason = mail::Reason::unknown_recipient;
            return outcome;
        }
        case UnknownMode::forward: {
            auto const* delivery = table_.delivery.find(address.domain());
            if (!delivery) {
                note(Rule::unknown_forward_nowhere, address.to_log());
                break;
            }
            note(Rule::unknown_forward, address.to_log(), delivery->source);
            return route(
                mail::ForwardPath(address),
                RouteKind::unknown,
                mail::Reason::forwarded_unknown,
                delivery->host,
                nullptr
            );
        }
    }
    return Outcome::refused(mail::Reason::unknown_recipient);
}

Outcome Walk::ambiguous(AmbiguousMode mode) {
    return mode == AmbiguousMode::reject ? Outcome::refused(mail::Reason::ambiguous)
                                         : Outcome::deferred(mail::Reason::ambiguous);
}

}  // namespace splitmx::resolver
