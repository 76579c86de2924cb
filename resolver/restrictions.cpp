// "Accept messages from" and "reject messages from": whom they name is an address, an entry (any of
// its addresses), or a group (any member's). Source: Q250521, Q264020.
#include "resolver/walk.hpp"

namespace splitmx::resolver {

std::optional<Outcome> Walk::restricted(Recipient const& entry) {
    if (query_.own || query_.accepted) return std::nullopt;
    auto const rejected = matches_any(entry.reject_from);
    auto const accepted = entry.accept_from.empty() ? Match::yes : matches_any(entry.accept_from);
    if (rejected == Match::waiting || accepted == Match::waiting) return Outcome::waiting();
    if (rejected == Match::yes) {
        note(Rule::reject_from, query_.from.to_log(), entry.name.text);
        return Outcome::refused(mail::Reason::restricted);
    }
    if (rejected == Match::unavailable || accepted == Match::unavailable) {
        note(Rule::directory_unavailable, query_.from.to_log(), entry.name.text);
        return Outcome::deferred(mail::Reason::directory_unavailable);
    }
    if (entry.accept_from.empty()) return std::nullopt;
    note(Rule::accept_from, query_.from.to_log(), entry.name.text);
    if (accepted == Match::yes) return std::nullopt;
    return Outcome::refused(mail::Reason::restricted);
}

// Yes beats what is not known yet: one match is enough.
Walk::Match Walk::matches_any(std::vector<Originator> const& originators) {
    auto result = Match::no;
    for (auto const& originator : originators) {
        auto const match = matches(originator);
        if (match == Match::yes) return Match::yes;
        if (match == Match::waiting || result == Match::no) result = match;
    }
    return result;
}

Walk::Match Walk::matches(Originator const& originator) {
    if (query_.from.is_null()) return Match::no;
    if (auto const* address = std::get_if<mail::Mailbox>(&originator)) {
        return *address == *query_.from.mailbox() ? Match::yes : Match::no;
    }
    return is_sent_by(std::get<EntryName>(originator), 0);
}

// Is `name` the entry that owns the sender's address?
Walk::Match Walk::is_sender_entry(EntryName const& name) {
    auto const answer = ask(*query_.from.mailbox());
    if (std::holds_alternative<NotAsked>(answer)) return Match::waiting;
    if (std::holds_alternative<Unavailable>(answer)) return Match::unavailable;
    if (auto const* one = std::get_if<One>(&answer)) {
        return one->recipient->name == name ? Match::yes : Match::no;
    }
    if (auto const* many = std::get_if<Many>(&answer)) {
        for (auto const& owner : many->names) {
            if (owner == name) return Match::yes;
        }
    }
    return Match::no;
}

Walk::Match Walk::is_sent_by(EntryName const& name, int depth) {
    auto const direct = is_sender_entry(name);
    if (direct != Match::no || depth >= max_group_depth) return direct;
    auto const answer = ask(name);
    if (std::holds_alternative<NotAsked>(answer)) return Match::waiting;
    if (std::holds_alternative<Unavailable>(answer)) return Match::unavailable;
    auto const* one = std::get_if<One>(&answer);
    if (!one || one->recipient->kind != RecipientKind::group) return Match::no;
    for (auto const& address : one->recipient->member_addresses) {
        if (address == *query_.from.mailbox()) return Match::yes;
    }
    // Direct members first, by name alone: most lists need no further lookups.
    for (auto const& member : one->recipient->members) {
        if (is_sender_entry(member) == Match::yes) return Match::yes;
    }
    auto result = Match::no;
    for (auto const& member : one->recipient->members) {
        auto const match = is_sent_by(member, depth + 1);
        if (match == Match::yes) return Match::yes;
        if (match == Match::waiting || result == Match::no) result = match;
    }
    return result;
}

}  // namespace splitmx::resolver
