// "Accept messages from" and "reject messages from": whom they name is an address, an entry (any of
// its addresses), or a group (any member's). Source: Q250521, Q264020.
#include "resolver/walk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::resolver {

std::optional<Outcome> Walk::restricted(Recipient const& entry) {
    if (query_.own || query_.accepted) return std::nullopt;
    auto const rejected = matches_any(entry.reject_from);
    auto const accepted = entry.accept_from.empty() || rejected == Match::yes
                              ? Match::yes
                              : matches_any(entry.accept_from);
    if (rejected == Match::waiting || accepted == Match::waiting) return Outcome::waiting();
    if (rejected == Match::yes) {
        note(Rule::reject_from, query_.from.to_log() + named_as_, entry.name.text);
        return Outcome::refused(mail::Reason::restricted);
    }
    if (rejected == Match::unavailable || accepted == Match::unavailable) {
        note(Rule::directory_unavailable, query_.from.to_log(), entry.name.text);
        return Outcome::deferred(mail::Reason::directory_unavailable);
    }
    if (rejected == Match::too_large || accepted == Match::too_large) {
        return Outcome::refused(mail::Reason::no_route);
    }
    if (entry.accept_from.empty()) return std::nullopt;
    if (accepted == Match::yes) {
        note(Rule::accept_from, query_.from.to_log() + named_as_, entry.name.text);
        return std::nullopt;
    }
    note(Rule::accept_from, query_.from.to_log() + " is not among those named", entry.name.text);
    return Outcome::refused(mail::Reason::restricted);
}

// Yes beats what is not known yet: one match is enough.
Walk::Match Walk::matches_any(std::vector<Originator> const& originators) {
    auto result = Match::no;
    for (auto const& originator : originators) {
        result = std::max(result, matches(originator));
        if (result == Match::yes) break;
    }
    return result;
}

Walk::Match Walk::matches(Originator const& originator) {
    if (query_.from.is_null()) return Match::no;
    if (auto const* address = std::get_if<mail::Mailbox>(&originator)) {
        named_as_ = " is named by its address";
        return *address == *query_.from.mailbox() ? Match::yes : Match::no;
    }
    auto const& name = std::get<EntryName>(originator);
    auto const match = is_sent_by(name);
    if (match == Match::yes) named_as_ = how_named(name);
    return match;
}

std::string Walk::how_named(EntryName const& name) const {
    auto const found = originators_.find(name.key);
    if (found == originators_.end()) return " is an address of " + name.text;
    auto const& holder = found->second.holder;
    if (holder == name) return " is a member of " + name.text;
    return fmt::format(" is a member of {}, which is in {}", holder.text, name.text);
}

// The entries that own the sender's address, asked for once.
Walk::Sender const& Walk::sender() {
    if (sender_) return *sender_;
    auto const answer = ask(*query_.from.mailbox());
    Sender found;
    if (std::holds_alternative<NotAsked>(answer)) {
        found.known = Match::waiting;
    } else if (std::holds_alternative<Unavailable>(answer)) {
        found.known = Match::unavailable;
    } else if (auto const* one = std::get_if<One>(&answer)) {
        found.entries.push_back(one->recipient->name);
    } else if (auto const* many = std::get_if<Many>(&answer)) {
        found.entries = many->names;
    }
    return sender_.emplace(std::move(found));
}

bool Walk::is_sender(EntryName const& name) {
    auto const& entries = sender().entries;
    return std::find(entries.begin(), entries.end(), name) != entries.end();
}

// By name and address alone: most lists need no further lookups.
bool Walk::holds_sender(Recipient const& group) {
    auto const& addresses = group.member_addresses;
    auto const& from = *query_.from.mailbox();
    if (std::find(addresses.begin(), addresses.end(), from) != addresses.end()) return true;
    return std::any_of(group.members.begin(), group.members.end(), [this](auto const& member) {
        return is_sender(member);
    });
}

// Is the entry the sender's, or a group that holds it, at whatever depth? Each name is looked at
// once in a decision: groups that hold each other would never come to an end otherwise, and two
// that hold the same two would double the work with every level.
Walk::Match Walk::is_sent_by(EntryName const& name) {
    auto result = sender().known;
    if (result == Match::waiting) return result;
    if (is_sender(name)) return Match::yes;
    SenderSearch search;
    result = std::max(result, look_at(name, search));
    for (std::size_t next = 0; next < search.groups.size() && result != Match::yes; ++next) {
        auto const group = search.groups[next];
        if (holds_sender(*group)) {
            originators_[group->name.key] = {Match::yes, group->name};
            search.holder = group->name;
            result = Match::yes;
            break;
        }
        sender_looked_for_ += group->members.size() + group->member_addresses.size();
        if (sender_looked_for_ > max_restriction_members) {
            note(Rule::group_too_large, group->name.text, name.text);
            result = std::max(result, Match::too_large);
            break;
        }
        for (auto const& member : group->members) {
            result = std::max(result, look_at(member, search));
        }
    }
    remember(name, search, result);
    return result;
}

// No for a name that was met in this search already: it adds nothing.
Walk::Match Walk::look_at(EntryName const& name, SenderSearch& search) {
    auto const [known, is_new] = originators_.try_emplace(name.key, Match::no);
    if (!is_new) {
        if (known->second.match == Match::yes) search.holder = known->second.holder;
        return known->second.match;
    }
    search.met.push_back(name.key);
    auto const answer = ask(name);
    if (std::holds_alternative<NotAsked>(answer)) return Match::waiting;
    if (std::holds_alternative<Unavailable>(answer)) return Match::unavailable;
    auto const* one = std::get_if<One>(&answer);
    if (one && one->recipient->kind == RecipientKind::group)
        search.groups.push_back(one->recipient);
    return Match::no;
}

// What a search without a match has met has no match either. While something in it is not known,
// all of it counts as that: it may be what holds the unknown, and mail that waits is not lost.
void Walk::remember(EntryName const& name, SenderSearch const& search, Match result) {
    for (auto const& key : search.met) {
        if (result != Match::yes) {
            originators_[key] = {result, {}};
        } else if (originators_[key].match != Match::yes) {
            originators_.erase(key);
        }
    }
    originators_[name.key] = {result, search.holder};
}

}  // namespace splitmx::resolver
