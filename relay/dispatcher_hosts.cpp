// What a dispatcher does because a next hop is up, down or paused: mail waits behind it without being
// tried, learns what the host said last when its time is over, and goes when the host is back.
#include "relay/dispatcher.hpp"

#include "relay/hop.hpp"

namespace splitmx::relay {

namespace {

using LegState = spool::QueueIndex::LegState;

}  // namespace

void Dispatcher::hold_back(std::string const& hop) {
    auto const host = hosts().state(hop);
    auto const number = queue_.index.find_hop(hop);
    if (!number || host.condition() == HostCondition::up) return;
    auto const settings = parts().settings();
    auto& index = queue_.index;
    for (auto const& view : index.views_of(index.take_all_ready(*number))) {
        if (auto const leg = index.leg_of(view.id, *number)) hold_back_leg(*leg, host, *settings);
    }
    arm();
}

void Dispatcher::hold_back_leg(Leg leg, HostState const& host, Settings const& settings) {
    auto& index = queue_.index;
    auto const view = index.leg(leg);
    auto const message = index.message_of(leg);
    auto const now = queue_.watch_clock();
    auto const arrived = queue_.jumps.arrival(view.id, message.arrived);
    auto const limits =
        spool::deadlines(settings.schedule, arrived, message.from_null, message.warned);
    if (spool::is_deadline_over(limits, now)) {
        auto const hop = index.name_of(view.hop);
        return give_outcome(view.id, hop, host);
    }
    bool const counts = host.condition() == HostCondition::down;
    auto const attempts = view.attempts + (counts ? 1 : 0);
    auto const when = counts
                          ? spool::next_attempt(settings.schedule, attempts, now, queue_.chance())
                          : now + spool::longest_wait(settings.schedule);
    index.wait(leg, spool::in_time(limits, now, when), attempts, true);
}

// The sender is to be told: what the host said last is what became of this message, too.
void Dispatcher::give_outcome(spool::SpoolId id, std::string const& hop, HostState const& host) {
    auto const message = queue_.load(id);
    // Whoever is busy with it looks at it again at the end.
    if (!message || message->busy > 0) return;
    auto const name = host_name(hop);
    HostReply reply{mail::Status(451, {4, 1}, name + " cannot be reached"), {}};
    if (host.condition() == HostCondition::paused)
        reply.status =
            mail::Status(451, {3, 2}, "Mail for " + name + " is stopped by its administrator");
    else if (host.last_reply())
        reply = *host.last_reply();
    std::vector<spool::Outcome> outcomes;
    for (auto const i : due_recipients(message->item, hop, wall_clock(), true)) {
        outcomes.push_back({i, reply.status, reply.host, std::nullopt});
    }
    settler_.settle_soon(message, std::move(outcomes));
}

// What was just written down as not reached waits for its host, too.
void Dispatcher::mark_behind_host(spool::SpoolId id) {
    auto& index = queue_.index;
    for (auto const leg : index.legs_of(id)) {
        auto const view = index.leg(leg);
        if (view.state != LegState::waiting || view.behind_host || view.due <= wall_clock()) {
            continue;
        }
        if (hosts().condition(index.name_of(view.hop)) == HostCondition::up) continue;
        index.wait(leg, view.due, view.attempts, true);
    }
}

void Dispatcher::host_changed(HostChanged const& change) {
    auto const number = queue_.index.find_hop(change.hop);
    auto const waiting = number ? queue_.index.legs_at_count(*number) : 0;
    change.count->add(waiting);
    if (auto* queue = find_host_queue(change.hop)) queue->condition_changed(change.now);
    if (!number || queue_.draining) return;
    if (change.now != HostCondition::up) return hold_back(change.hop);
    for (auto const leg : queue_.index.legs_at(*number)) {
        auto const view = queue_.index.leg(leg);
        if (view.state == LegState::waiting && view.behind_host) queue_.index.make_ready(leg);
    }
    host_queue(change.hop).work_arrived();
}

void Dispatcher::send_ahead(std::string const& hop) {
    auto& index = queue_.index;
    auto const number = index.find_hop(hop);
    if (!number) return;
    std::optional<Leg> first;
    for (auto const leg : index.legs_at(*number)) {
        auto const view = index.leg(leg);
        if (view.state != LegState::waiting || !view.behind_host) continue;
        if (!first || view.due < index.leg(*first).due) first = leg;
    }
    if (first) index.make_ready(*first);
}

}  // namespace splitmx::relay
