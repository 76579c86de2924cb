// Custom recipients: the mail goes to the target address. A target in the shared domain itself is
// the normal case, not a loop, while a host is named for that domain (Q258203).
#include "resolver/walk.hpp"

#include <fmt/format.h>

namespace splitmx::resolver {

Outcome Walk::custom_recipient(RecipientPtr const& entry) {
    auto const& dn = entry->name.text;
    if (!entry->target || entry->target->value.empty()) {
        note(Rule::target_missing, dn, dn);
        return Outcome::refused(mail::Reason::no_route);
    }
    auto const& target = *entry->target;
    if (target.type != "SMTP") {
        note(
            Rule::target_foreign_type,
            mail::to_log_text(fmt::format("{}:{}", target.type, target.value)),
            dn
        );
        return Outcome::refused(mail::Reason::no_route);
    }
    auto const address = mail::Mailbox::parse_long(target.value);
    if (!address) {
        note(
            Rule::target_malformed,
            fmt::format("{}: {}", mail::to_log_text(target.value), address.error().what),
            dn
        );
        return Outcome::refused(mail::Reason::no_route);
    }
    Step const step(*this, entry->name);
    if (!step.is_new()) {
        note(Rule::target_loop, address->to_log(), dn);
        return Outcome::refused(mail::Reason::loop);
    }
    auto outcome = follow_target(*address, entry);
    if (outcome.is_routed()) outcome.reason = mail::Reason::custom_recipient;
    return outcome;
}

// A host for the target's domain settles it. Acceptance speaks about mail that comes in; of a
// target it only says whether it is ours, and which name stands for it (OPS-R).
Outcome Walk::follow_target(mail::Mailbox const& target, RecipientPtr const& owner) {
    auto address = target;
    std::unordered_set<std::string> seen;
    while (seen.insert(address.domain().text()).second && seen.size() <= max_steps + 1) {
        if (auto const* delivery = table_.delivery.find(address.domain())) {
            return target_with_host(address, owner, *delivery);
        }
        auto const* rule = find_rule(address.domain());
        auto const* reroute = rule ? std::get_if<Reroute>(&rule->action) : nullptr;
        if (!reroute) {
            return inbound_of(rule, address.domain()) ? target_inbound(address, owner)
                                                      : target_outbound(address, owner);
        }
        if (reroute->to == address.domain()) {
            note(Rule::reroute_fix_point, address.to_log(), rule->source);
            return target_outbound(address, owner);
        }
        address = mail::Mailbox(address.local_part(), reroute->to);
    }
    note(Rule::reroute_cycle, address.to_log());
    return Outcome::refused(mail::Reason::loop);
}

Outcome Walk::target_outbound(mail::Mailbox const& target, RecipientPtr const& owner) {
    note(Rule::target_outbound, target.to_log(), owner->name.text);
    return route(
        mail::ForwardPath(target),
        RouteKind::custom_recipient,
        mail::Reason::custom_recipient,
        host_for(target.domain()),
        owner.get()
    );
}

// What an answer about a target settles by itself: not known, not knowable, or not one.
std::optional<Outcome> Walk::target_unsettled(mail::Mailbox const& target, Answer const& answer) {
    if (std::holds_alternative<NotAsked>(answer)) return Outcome::waiting();
    if (auto const* down = std::get_if<Unavailable>(&answer)) {
        note(Rule::directory_unavailable, fmt::format("{}: {}", target.to_log(), down->why));
        return Outcome::deferred(mail::Reason::directory_unavailable);
    }
    auto const* many = std::get_if<Many>(&answer);
    if (!many) return std::nullopt;
    for (auto const& name : many->names) note(Rule::directory_many, target.to_log(), name.text);
    auto const& domain = target.domain();
    auto const* inbound = inbound_of(table_.acceptance.find(domain), domain);
    return ambiguous(inbound ? inbound->ambiguous : AmbiguousMode::defer);
}

// May the host of the target's domain have the mail although nothing tells now whether the target
// is a mailbox here? "Nobody" calls no one unknown here, it only lets the host have what it is
// named for. So an old copy is good enough for it, and where the domain is not ours no entry is
// expected at all. What no copy knows anything of may be a mailbox that the host would refuse: that
// waits.
bool Walk::host_may_have(mail::Mailbox const& target, Unavailable const& down) const {
    auto const& domain = target.domain();
    if (!inbound_of(table_.acceptance.find(domain), domain)) return true;
    return down.copy_has_nobody && !without_subaddress(target);
}

Outcome Walk::target_with_host(
    mail::Mailbox const& written, RecipientPtr const& owner, DeliveryRule const& rule
) {
    auto const& domain = written.domain();
    bool const is_ours = inbound_of(table_.acceptance.find(domain), domain) != nullptr;
    // Without the catch-all: who has the entry of a target lives where the target says.
    auto const found = is_ours ? look_up_address(written) : LookedUp{ask(written), written};
    auto const& [answer, target, by_x500] = found;
    auto const* down = std::get_if<Unavailable>(&answer);
    bool const unseen = down && host_may_have(written, *down);
    if (!unseen) {
        if (auto unsettled = target_unsettled(target, answer)) return std::move(*unsettled);
    }
    auto const* one = std::get_if<One>(&answer);
    if (one && one->recipient->kind == RecipientKind::mailbox &&
        !(one->recipient->name == owner->name)) {
        note(Rule::target_is_mailbox, target.to_log(), one->recipient->name.text);
        return by_entry(one->recipient, found.addressed_as());
    }
    note(
        Rule::target_by_host,
        unseen ? fmt::format("{}, as far as is known: {}", written.to_log(), down->why)
               : written.to_log(),
        owner->name.text
    );
    note(
        Rule::host_of_domain,
        domain.text() + " matched \"" + rule.pattern.to_text() + "\"",
        rule.source
    );
    return route(
        mail::ForwardPath(written),
        RouteKind::custom_recipient,
        mail::Reason::custom_recipient,
        rule.host,
        owner.get()
    );
}

Outcome Walk::target_inbound(mail::Mailbox const& written, RecipientPtr const& owner) {
    auto const found = look_up(written);
    auto const& [answer, target, by_x500] = found;
    if (auto unsettled = target_unsettled(target, answer)) return std::move(*unsettled);
    auto const* one = std::get_if<One>(&answer);
    if (!one && target.local_part().is_postmaster()) {
        note(Rule::directory_none, target.to_log());
        return postmaster(mail::ForwardPath(target));
    }
    if (!one || followed_.contains(one->recipient->name.key)) {
        note(Rule::target_loop, target.to_log(), owner->name.text);
        return Outcome::refused(mail::Reason::loop);
    }
    note(Rule::target_followed, target.to_log(), one->recipient->name.text);
    return by_entry(one->recipient, found.addressed_as());
}

}  // namespace splitmx::resolver
