// The questions that a listing asks of the queue in memory.
#include "spool/queue_index.hpp"

#include <algorithm>

namespace splitmx::spool {

QueueIndex::MessageView QueueIndex::view_of(MessageEntry const& entry) const {
    return {
        entry.id,
        entry.arrived,
        entry.size,
        entry.sender,
        entry.from_null,
        entry.warned,
        entry.held,
        entry.generation};
}

std::optional<QueueIndex::MessageView> QueueIndex::find(SpoolId id) const {
    auto const number = number_of(id);
    if (!number) return std::nullopt;
    return view_of(messages_[*number]);
}

std::vector<QueueIndex::Leg> QueueIndex::legs_of(SpoolId id) const {
    std::vector<Leg> all;
    auto const number = number_of(id);
    if (!number) return all;
    for (auto leg = messages_[*number].first_leg; leg != none; leg = legs_[leg].next_of_message) {
        all.push_back(leg);
    }
    return all;
}

std::optional<QueueIndex::Leg> QueueIndex::leg_of(SpoolId id, Hop hop) const {
    auto const number = number_of(id);
    if (!number) return std::nullopt;
    for (auto leg = messages_[*number].first_leg; leg != none; leg = legs_[leg].next_of_message) {
        if (legs_[leg].hop == hop) return leg;
    }
    return std::nullopt;
}

QueueIndex::LegView QueueIndex::leg(Leg leg) const {
    auto const& entry = legs_[leg];
    return {
        messages_[entry.message].id,
        entry.hop,
        entry.state,
        entry.due,
        entry.attempts,
        entry.behind_host};
}

std::vector<QueueIndex::LegView> QueueIndex::views_of(std::vector<Leg> const& legs) const {
    std::vector<LegView> views;
    views.reserve(legs.size());
    for (auto const number : legs) views.push_back(leg(number));
    return views;
}

QueueIndex::MessageView QueueIndex::message_of(Leg leg) const {
    return view_of(messages_[legs_[leg].message]);
}

void QueueIndex::for_each(std::function<void(MessageView const&)> const& visit) const {
    for (auto const& entry : messages_) {
        if (entry.used) visit(view_of(entry));
    }
}

std::vector<SpoolId> QueueIndex::of_sender(std::uint64_t key) const {
    std::vector<SpoolId> ids;
    for (auto const& entry : messages_) {
        if (entry.used && entry.sender == key) ids.push_back(entry.id);
    }
    return ids;
}

QueueIndex::Totals QueueIndex::totals(mail::Instant now) const {
    Totals totals;
    totals.messages = by_id_.size();
    for (auto const& entry : messages_) {
        if (!entry.used) continue;
        totals.octets += entry.size;
        totals.oldest = totals.oldest ? std::min(*totals.oldest, entry.arrived) : entry.arrived;
        auto const age =
            std::chrono::duration_cast<std::chrono::minutes>(now - entry.arrived).count();
        auto const place = std::upper_bound(age_minutes.begin(), age_minutes.end(), age);
        ++totals.by_age[static_cast<std::size_t>(place - age_minutes.begin())];
        if (entry.held) ++totals.held;
        bool moving = false;
        bool in_delivery = false;
        for (auto leg = entry.first_leg; leg != none; leg = legs_[leg].next_of_message) {
            in_delivery = in_delivery || legs_[leg].state == LegState::in_delivery;
            moving = moving || legs_[leg].state != LegState::waiting;
        }
        if (in_delivery)
            ++totals.in_delivery;
        else if (!moving && !entry.held)
            ++totals.deferred;
    }
    return totals;
}

}  // namespace splitmx::spool
