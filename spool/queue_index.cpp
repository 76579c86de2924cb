#include "spool/queue_index.hpp"

#include <algorithm>
#include <limits>

namespace splitmx::spool {

namespace {

unsigned within_16_bits(unsigned attempts) {
    return std::min<unsigned>(attempts, std::numeric_limits<std::uint16_t>::max());
}

}  // namespace

std::uint64_t sender_key(std::string_view sender) {
    return sender.empty() ? 0 : std::hash<std::string_view>{}(sender);
}

// -- messages -------------------------------------------------------------------------------------

bool QueueIndex::add(Summary const& summary, std::uint64_t generation) {
    if (number_of(summary.id)) return false;
    replace(summary, generation);
    return true;
}

void QueueIndex::replace(Summary const& summary, std::uint64_t generation) {
    auto const known = number_of(summary.id);
    auto const number = known ? *known : new_message(summary);
    set(messages_[number], summary, generation);
    set_legs(number, summary);
}

std::optional<std::uint32_t> QueueIndex::number_of(SpoolId id) const {
    return by_id_.find(id, [this](std::uint32_t number) { return messages_[number].id; });
}

std::uint32_t QueueIndex::new_message(Summary const& summary) {
    auto number = free_message_;
    if (number == none) {
        number = static_cast<std::uint32_t>(messages_.size());
        messages_.emplace_back();
    } else {
        free_message_ = messages_[number].first_leg;
        messages_[number] = {};
    }
    messages_[number].id = summary.id;
    messages_[number].used = true;
    by_id_.add(summary.id, number, [this](std::uint32_t n) { return messages_[n].id; });
    return number;
}

void QueueIndex::set(MessageEntry& message, Summary const& summary, std::uint64_t generation) {
    message.arrived = summary.arrived;
    message.size = summary.size;
    message.sender = sender_key(summary.sender);
    message.from_null = summary.sender.empty();
    message.warned = summary.warning_sent;
    message.held = summary.is_held;
    message.generation = static_cast<std::uint32_t>(generation);
}

void QueueIndex::remove(SpoolId id) {
    auto const number = number_of(id);
    if (!number) return;
    auto& message = messages_[*number];
    for (auto leg = message.first_leg; leg != none;) {
        auto const next = legs_[leg].next_of_message;
        free_leg(leg);
        leg = next;
    }
    by_id_.remove(id, [this](std::uint32_t n) { return messages_[n].id; });
    message = {};
    message.first_leg = free_message_;
    free_message_ = *number;
}

// -- legs -----------------------------------------------------------------------------------------

void QueueIndex::set_legs(std::uint32_t message, Summary const& summary) {
    struct Wanted {
        Hop hop;
        mail::Instant due;
        unsigned attempts;
    };
    std::vector<Wanted> wanted;
    for (auto const& recipient : summary.pending) {
        auto const hop = enter_hop(recipient.hop);
        auto const same = std::find_if(wanted.begin(), wanted.end(), [hop](auto const& one) {
            return one.hop == hop;
        });
        if (same == wanted.end()) {
            wanted.push_back({hop, recipient.next_attempt, recipient.attempts});
        } else {
            same->due = std::min(same->due, recipient.next_attempt);
            same->attempts = std::min(same->attempts, recipient.attempts);
        }
    }
    std::vector<Leg> gone;
    for (auto leg = messages_[message].first_leg; leg != none; leg = legs_[leg].next_of_message) {
        auto& entry = legs_[leg];
        bool const stays = entry.state == LegState::in_delivery;
        auto const found = std::find_if(wanted.begin(), wanted.end(), [&](auto const& one) {
            return one.hop == entry.hop;
        });
        if (!stays && found == wanted.end()) gone.push_back(leg);
        if (found == wanted.end()) continue;
        if (!stays) {
            stop_waiting(entry);
            if (!summary.is_held) wait(leg, found->due, found->attempts, false);
        }
        wanted.erase(found);
    }
    for (auto const leg : gone) {
        auto* link = &messages_[message].first_leg;
        while (*link != leg) link = &legs_[*link].next_of_message;
        *link = legs_[leg].next_of_message;
        free_leg(leg);
    }
    for (auto const& one : wanted) {
        auto const leg = new_leg(message, one.hop);
        if (!summary.is_held) wait(leg, one.due, one.attempts, false);
    }
}

QueueIndex::Leg QueueIndex::new_leg(std::uint32_t message, Hop hop) {
    auto leg = free_leg_;
    if (leg == none) {
        leg = static_cast<Leg>(legs_.size());
        legs_.emplace_back();
    } else {
        free_leg_ = legs_[leg].next_of_message;
        legs_[leg] = {};
    }
    auto& entry = legs_[leg];
    entry.message = message;
    entry.hop = hop;
    entry.next_of_message = messages_[message].first_leg;
    messages_[message].first_leg = leg;
    auto& at = hops_[hop];
    entry.next_of_hop = at.first_leg;
    if (at.first_leg != none) legs_[at.first_leg].previous_of_hop = leg;
    at.first_leg = leg;
    ++at.legs;
    return leg;
}

void QueueIndex::free_leg(Leg leg) {
    stop_waiting(legs_[leg]);
    leave_hop(leg);
    legs_[leg] = {};
    legs_[leg].next_of_message = free_leg_;
    free_leg_ = leg;
}

void QueueIndex::stop_waiting(LegEntry& entry) {
    if (entry.state == LegState::waiting) wheel_.remove(entry.ticket);
    if (entry.state == LegState::ready) --hops_[entry.hop].ready_count;
    entry.state = LegState::idle;
}

void QueueIndex::take_due(mail::Instant now, std::size_t at_most, std::vector<Leg>& legs) {
    auto const before = legs.size();
    wheel_.take_due(now, at_most, legs);
    for (auto i = before; i < legs.size(); ++i) legs_[legs[i]].state = LegState::idle;
}

void QueueIndex::make_idle(Leg leg) {
    if (legs_[leg].state != LegState::in_delivery) stop_waiting(legs_[leg]);
}

void QueueIndex::make_ready(Leg leg) {
    auto& entry = legs_[leg];
    if (entry.state == LegState::ready || entry.state == LegState::in_delivery) return;
    stop_waiting(entry);
    entry.state = LegState::ready;
    auto& hop = hops_[entry.hop];
    ++hop.ready_count;
    hop.ready.push(messages_[entry.message].sender, leg);
}

void QueueIndex::wait(Leg leg, mail::Instant due, unsigned attempts, bool behind_host) {
    auto& entry = legs_[leg];
    stop_waiting(entry);
    entry.due = due;
    entry.attempts = static_cast<std::uint16_t>(within_16_bits(attempts));
    entry.behind_host = behind_host;
    entry.ticket = wheel_.add(due, leg);
    entry.state = LegState::waiting;
}

void QueueIndex::begin_delivery(Leg leg) {
    stop_waiting(legs_[leg]);
    legs_[leg].state = LegState::in_delivery;
}

void QueueIndex::end_delivery(Leg leg) {
    if (legs_[leg].state == LegState::in_delivery) stop_waiting(legs_[leg]);
}

std::optional<QueueIndex::Leg> QueueIndex::take_ready(Hop hop) {
    auto& ready = hops_[hop].ready;
    while (auto const leg = ready.pop()) {
        auto const& entry = legs_[*leg];
        if (entry.hop != hop || entry.state != LegState::ready) continue;
        begin_delivery(*leg);
        return *leg;
    }
    return std::nullopt;
}

std::vector<QueueIndex::Leg> QueueIndex::take_all_ready(Hop hop) {
    std::vector<Leg> legs;
    legs.reserve(hops_[hop].ready_count);
    while (auto const leg = take_ready(hop)) {
        stop_waiting(legs_[*leg]);
        legs.push_back(*leg);
    }
    return legs;
}

void QueueIndex::move_by(mail::Duration shift) {
    for (auto& entry : legs_) {
        entry.due += shift;
        entry.behind_host = true;
    }
    wheel_.move_by(shift);
}

// -- hops -----------------------------------------------------------------------------------------

QueueIndex::Hop QueueIndex::enter_hop(std::string_view name) {
    auto const known = hop_numbers_.find(name);
    if (known != hop_numbers_.end()) return known->second;
    Hop hop = 0;
    if (free_hops_.empty()) {
        hop = static_cast<Hop>(hops_.size());
        hops_.emplace_back();
    } else {
        hop = free_hops_.back();
        free_hops_.pop_back();
    }
    hops_[hop].name = name;
    hop_numbers_.emplace(name, hop);
    return hop;
}

void QueueIndex::leave_hop(Leg leg) {
    auto const& entry = legs_[leg];
    auto& hop = hops_[entry.hop];
    if (entry.next_of_hop != none) legs_[entry.next_of_hop].previous_of_hop = entry.previous_of_hop;
    if (entry.previous_of_hop != none)
        legs_[entry.previous_of_hop].next_of_hop = entry.next_of_hop;
    else
        hop.first_leg = entry.next_of_hop;
    if (--hop.legs > 0) return;
    hop_numbers_.erase(hop.name);
    hop = {};
    free_hops_.push_back(entry.hop);
}

std::optional<QueueIndex::Hop> QueueIndex::find_hop(std::string_view name) const {
    auto const known = hop_numbers_.find(name);
    if (known == hop_numbers_.end()) return std::nullopt;
    return known->second;
}

std::vector<QueueIndex::Hop> QueueIndex::hops() const {
    std::vector<Hop> all;
    all.reserve(hop_numbers_.size());
    for (auto const& [name, hop] : hop_numbers_) all.push_back(hop);
    return all;
}

std::vector<QueueIndex::Leg> QueueIndex::legs_at(Hop hop) const {
    std::vector<Leg> all;
    all.reserve(hops_[hop].legs);
    for (auto leg = hops_[hop].first_leg; leg != none; leg = legs_[leg].next_of_hop) {
        all.push_back(leg);
    }
    return all;
}

}  // namespace splitmx::spool
