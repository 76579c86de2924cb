// An entry of the directory: what its kind, its switches and its alternate recipient make of the
// mail.
#include "resolver/walk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::resolver {

// `addressed_as` is null where the entry was reached by name: as a member or an alternate.
Outcome Walk::by_entry(RecipientPtr const& entry, mail::Mailbox const* addressed_as) {
    if (entry->disabled) {
        note(Rule::entry_disabled, entry->name.text, entry->name.text);
        return Outcome::refused(mail::Reason::disabled);
    }
    if (entry->hidden) note(Rule::entry_hidden, entry->name.text, entry->name.text);
    if (auto outcome = restricted(*entry)) return std::move(*outcome);
    switch (entry->kind) {
        case RecipientKind::mailbox:
            return mailbox(entry, addressed_as);
        case RecipientKind::custom_recipient:
            return custom_recipient(entry);
        case RecipientKind::group:
            return group(entry);
    }
    return Outcome::refused(mail::Reason::no_route);
}

Outcome Walk::mailbox(RecipientPtr const& entry, mail::Mailbox const* addressed_as) {
    if (!entry->alternate) return mailbox_itself(*entry, addressed_as);
    if (!entry->deliver_to_both) {
        note(Rule::alternate_only, entry->alternate->text, entry->name.text);
        auto outcome = alternate(entry);
        if (outcome.is_routed()) outcome.reason = mail::Reason::mailbox;
        return outcome;
    }
    note(Rule::alternate_and_mailbox, entry->alternate->text, entry->name.text);
    auto outcome = mailbox_itself(*entry, addressed_as);
    // Two mailboxes that are each other's alternate get one copy each.
    if (!outcome.is_routed() || followed_.contains(entry->name.key)) return outcome;
    auto other = alternate(entry);
    if (other.is_routed()) {
        outcome.absorb(std::move(other));
    } else if (other.is_failure()) {
        outcome.add_failure(
            {entry->alternate->text, other.reason, mail::status_of(other.reason)}
        );
    } else {
        return other;  // the alternate cannot be known yet, so nobody gets a copy yet
    }
    return outcome;
}

Outcome Walk::mailbox_itself(Recipient const& entry, mail::Mailbox const* addressed_as) {
    // A catch-all ("@domain") is no address that a host could know.
    auto const first =
        std::find_if(entry.addresses.begin(), entry.addresses.end(), [](mail::Mailbox const& one) {
            return !one.local_part().value().empty();
        });
    auto const* rcpt = entry.deliver_as                 ? &*entry.deliver_as
                       : entry.primary                  ? &*entry.primary
                       : addressed_as                   ? addressed_as
                       : first == entry.addresses.end() ? nullptr
                                                        : &*first;
    auto const host = host_of_mailbox(entry);
    if (!host || !rcpt) return Outcome::refused(mail::Reason::no_route);
    return route(mail::ForwardPath(*rcpt), RouteKind::mailbox, mail::Reason::mailbox, host, &entry);
}

Outcome Walk::alternate(RecipientPtr const& entry) {
    Step const step(*this, entry->name);
    if (!step.is_new()) {
        note(Rule::alternate_cycle, entry->name.text, entry->name.text);
        return Outcome::refused(mail::Reason::loop);
    }
    auto const answer = ask(*entry->alternate);
    Outcome outcome;
    if (auto const* one = std::get_if<One>(&answer)) {
        outcome = by_entry(one->recipient, nullptr);
    } else if (std::holds_alternative<Unavailable>(answer)) {
        note(Rule::directory_unavailable, entry->alternate->text);
        outcome = Outcome::deferred(mail::Reason::directory_unavailable);
    } else if (!std::holds_alternative<NotAsked>(answer)) {
        note(Rule::alternate_missing, entry->alternate->text, entry->name.text);
        outcome = Outcome::refused(mail::Reason::no_route);
    }
    return outcome;
}

}  // namespace splitmx::resolver
