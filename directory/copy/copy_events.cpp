// What a server tells, one event after the other, and what of it goes out to observers.
#include "directory/copy/copy.hpp"
#include "ldap/reference.hpp"
#include "schema/recipient_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::directory::copy {

namespace {

namespace sync = ldap::sync;

constexpr std::chrono::minutes removal_window{1};
constexpr std::size_t remarks_kept = 20;     // of one entry
constexpr std::size_t stripped_kept = 1000;  // of more, everything is read again

// Remarks are for `directory lint`. Addresses of other systems (X.400, SIP) stand in every entry of
// some directories, and are of no concern to it.
void keep_what_tells(std::vector<schema::MappingRemark>& remarks) {
    std::erase_if(remarks, [](schema::MappingRemark const& remark) {
        return remark.id == schema::RemarkId::foreign_type;
    });
    if (remarks.size() > remarks_kept) remarks.resize(remarks_kept);
}

}  // namespace

sync::Reply Copy::take(std::vector<sync::Event> events) {
    Happened happened;
    bool restart = false;
    {
        std::lock_guard const lock(mutex_);
        for (auto const& event : events) {
            std::visit([this](auto const& one) { on(one); }, event);
        }
        restart_when_due();
        restart = std::exchange(restart_, false);
        happened = std::exchange(happened_, {});
    }
    tell(happened);
    return restart ? sync::Reply::restart : sync::Reply::go_on;
}

void Copy::tell(Happened const& happened) {
    if (observer_.note) {
        for (auto const& note : happened.notes) observer_.note(note);
    }
    if (observer_.shared) {
        for (auto const& shared : happened.effects.shared) observer_.shared(shared);
    }
    if (observer_.changed && !happened.effects.changed.empty()) {
        observer_.changed(happened.effects.changed);
    }
    if (observer_.settled && happened.settled) observer_.settled();
}

void Copy::on(sync::Connected const& event) {
    server_ = event.uri;
    method_ = event.method;
    connected_ = true;
    connected_since_ = clock_.wall();
    protection_ = event.protection;
    direct_ = false;
}

void Copy::on(sync::EntryChange const& event) {
    switch (event.state) {
        case sync::EntryChange::State::present:
            confirm(event.id);
            break;
        case sync::EntryChange::State::add:
        case sync::EntryChange::State::modify:
            put(event);
            break;
        case sync::EntryChange::State::remove:
            remove(event.id);
            break;
    }
    keep(event.cookie);
    heard();
}

void Copy::put(sync::EntryChange const& event) {
    auto mapping = schema::map(settings_.profile, event.entry);
    std::optional<resolver::Recipient> recipient;
    if (auto* mapped = std::get_if<resolver::Recipient>(&mapping.outcome)) {
        recipient = std::move(*mapped);
    }
    keep_what_tells(mapping.remarks);
    if (refreshing_ && seems_stripped(event.id, recipient)) {
        if (++stripped_count_ <= stripped_kept) {
            stripped_.push_back({event.id, std::move(recipient), std::move(mapping.remarks)});
        }
        return;
    }
    Effects effects;
    if (!index_.put(event.id, recipient, &effects, mapping.remarks)) return;
    ++refresh_changes_;
    changed();
    // A server that is being filled lacks the same entries at each look, until it is full.
    if (held_) wait_for_second_look();
    auto& all = happened_.effects;
    if (complete_) {
        std::move(effects.changed.begin(), effects.changed.end(), std::back_inserter(all.changed));
    }
    for (auto& shared : effects.shared) {
        if (!refreshing_ || shared_told_++ < shared_told_at_most) {
            all.shared.push_back(std::move(shared));
        }
    }
}

// An entry that had addresses and has none: when many lose them in a refresh, it is a right that
// was withdrawn. It is left unconfirmed, so that the guard counts it.
bool Copy::seems_stripped(ldap::EntryId const& id, std::optional<resolver::Recipient> const& now)
    const {
    return complete_ && (!now || now->addresses.empty()) && index_.has_addresses(id);
}

void Copy::remove(ldap::EntryId const& id) {
    auto const now = clock_.steady();
    if (now - removals_since_ > removal_window) {
        removals_since_ = now;
        removals_ = 0;
        entries_before_removals_ = index_.counts().entries();
        removal_problem_.clear();
    }
    if (!index_.remove(id, complete_ ? &happened_.effects : nullptr)) return;
    ++refresh_removals_;
    changed();
    if (!is_mass(++removals_, entries_before_removals_)) return;
    bool const first = removal_problem_.empty();
    removal_problem_ = fmt::format(
        "the directory removed {} of {} entries one by one", removals_, entries_before_removals_
    );
    if (first) {
        note(
            true,
            fmt::format(
                "the directory is removing many entries, {} of {} by now: they are gone, "
                "because it said so for each",
                removals_,
                entries_before_removals_
            )
        );
    }
}

void Copy::confirm(ldap::EntryId const& id) {
    if (!index_.confirm(id)) lost_track_ = true;
}

void Copy::on(sync::IdSet const& event) {
    for (auto const& id : event.ids) {
        if (event.meaning == sync::IdSet::Meaning::removed)
            remove(id);
        else
            confirm(id);
    }
    keep(event.cookie);
    heard();
}

void Copy::on(sync::NewCookie const& event) {
    keep(event.cookie);
    heard();
}

void Copy::keep(std::optional<sync::Cookie> const& cookie) {
    if (!cookie || refreshing_) return;
    auto& kept = held_ ? pending_ : cookie_;
    if (kept == cookie) return;
    kept = cookie;
    dirty_ = true;
}

void Copy::on(sync::Heard const&) { heard(); }

void Copy::on(sync::Doubt const& event) {
    heard();
    if (!doubted_) note(false, event.why + ": everything is read anew");
    doubted_ = want_everything_ = true;
}

void Copy::on(sync::Elsewhere const& event) {
    for (auto& uri : ldap::unseen_places(event.uris, settings_.other_bases)) {
        elsewhere_now_.insert(uri);
        if (!elsewhere_.insert(uri).second) continue;
        note(
            true,
            fmt::format(
                "the server refers to {} for a part of the base, which is not read: nobody can be "
                "called unknown. Name it as a [directory] of its own, or another base",
                uri
            )
        );
    }
    partial_ = !elsewhere_.empty();
}

// Once, however many sessions there are.
void Copy::on(sync::Remark const& event) {
    if (remarks_told_.insert(event.text).second) note(false, event.text);
}

void Copy::on(sync::SessionEnds const& event) {
    bool const was_connected = std::exchange(connected_, false);
    refreshing_ = false;
    in_touch_ = false;
    if (event.reason == sync::EndReason::unsupported) direct_ = true;
    if (event.reason == sync::EndReason::cookie_newer) mark_as_behind();
    if (event.reason == sync::EndReason::restarted || event.reason == sync::EndReason::stopped) {
        return;
    }
    // A server that cannot be followed is asked as long as it is there.
    if (event.reason != sync::EndReason::unsupported && complete_) direct_ = false;
    ++failures_;
    auto text = fmt::format("{}: {}", event.uri, event.text);
    if (was_connected || text != session_problem_) note(true, text);
    session_problem_ = std::move(text);
}

// Inside a refresh the server's words say nothing about how recent the rest is.
void Copy::heard() {
    if (refreshing_ || !complete_) return;
    heard_ = clock_.steady().time_since_epoch().count();
    in_touch_ = true;
    last_heard_ = clock_.wall();
    session_problem_.clear();
}

void Copy::changed() {
    last_change_ = clock_.wall();
    ++changes_;
    dirty_ = true;
}

void Copy::note(bool alarm, std::string text) {
    happened_.notes.push_back({alarm, std::move(text)});
}

}  // namespace splitmx::directory::copy
