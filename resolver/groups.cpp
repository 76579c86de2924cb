// Groups: every member is decided on its own, under the reverse-path of the message. A member that
// fails is reported by itself; a group met a second time adds nothing (Q246881, Q166654).
#include "resolver/walk.hpp"

#include <fmt/format.h>

namespace splitmx::resolver {

Outcome Walk::group(RecipientPtr const& entry) {
    auto const& dn = entry->name.text;
    if (!expanded_.insert(entry->name.key).second) {
        note(Rule::group_member_again, dn, dn);
        Outcome nothing;
        nothing.kind = Outcome::Kind::routed;
        nothing.reason = mail::Reason::group;
        return nothing;
    }
    if (group_depth_ >= max_group_depth) {
        note(Rule::group_too_deep, dn, dn);
        return Outcome::refused(mail::Reason::loop);
    }
    members_ += entry->members.size() + entry->member_addresses.size();
    if (members_ > max_group_members) {
        note(Rule::group_too_large, dn, dn);
        return Outcome::refused(mail::Reason::no_route);
    }
    note(
        Rule::group_expand,
        fmt::format("{} members", entry->members.size() + entry->member_addresses.size()),
        dn
    );
    Outcome all;
    all.kind = Outcome::Kind::routed;
    all.reason = mail::Reason::group;
    ++group_depth_;
    for (auto const& name : entry->members) add_member(all, member(name), name.text);
    for (auto const& address : entry->member_addresses) {
        // The directory is the permission: the list's owner chose this member.
        add_member(all, by_domain(address, Permission::granted), address.to_wire());
    }
    for (auto const& text : entry->malformed_members) {
        add_member(all, Outcome::refused(mail::Reason::bad_address), mail::to_log_text(text));
    }
    --group_depth_;
    if (all.is_routed() && all.routes.empty() && group_depth_ == 0) {
        note(Rule::group_nobody, dn, dn);
        all.kind = Outcome::Kind::refused;
        all.reason = mail::Reason::no_route;
    }
    return all;
}

Outcome Walk::member(EntryName const& name) {
    auto const answer = ask(name);
    if (auto const* one = std::get_if<One>(&answer)) {
        note(Rule::directory_one, name.text, one->recipient->name.text);
        return by_entry(one->recipient, nullptr);
    }
    if (std::holds_alternative<NotAsked>(answer)) return Outcome::waiting();
    if (auto const* down = std::get_if<Unavailable>(&answer)) {
        note(Rule::directory_unavailable, fmt::format("{}: {}", name.text, down->why));
        return Outcome::deferred(mail::Reason::directory_unavailable);
    }
    note(Rule::directory_none, name.text);
    return Outcome::refused(mail::Reason::unknown_recipient);
}

// A member that cannot be known now holds back the whole group: an expansion is never in part a
// guess.
void Walk::add_member(Outcome& all, Outcome&& one, std::string const& name) {
    switch (one.kind) {
        case Outcome::Kind::routed:
            all.absorb(std::move(one));
            return;
        case Outcome::Kind::waiting:
            return;  // run() will answer Missing
        case Outcome::Kind::deferred:
            all.kind = Outcome::Kind::deferred;
            all.reason = one.reason;
            return;
        case Outcome::Kind::refused:
        case Outcome::Kind::bounced:
            break;
    }
    note(Rule::group_member_failed, fmt::format("{}: {}", name, mail::to_id(one.reason)));
    all.add_failure({name, one.reason, mail::status_of(one.reason)});
}

}  // namespace splitmx::resolver
