// What a dispatcher does because time goes by: starts what is due, notices a clock that was set and
// a configuration that was replaced, looks at hosts that are down.
#include "relay/dispatcher.hpp"

#include <algorithm>

namespace splitmx::relay {

namespace {

using LegState = spool::QueueIndex::LegState;
using namespace std::chrono_literals;

// However little is due: hosts, settings and the clock are looked at that often.
constexpr auto longest_sleep = 1s;
// Messages started at once, so that a backlog does not hold up the loop.
constexpr std::size_t legs_of_a_look = 200;
// Writes under way, above which nothing more is started by time: what expires behind a dead host
// may be very many at once.
constexpr std::size_t most_writes = 1000;
// Looks between two at the hosts that are down.
constexpr std::uint64_t looks_of_a_sweep = 60;

}  // namespace

void Dispatcher::arm() {
    if (queue_.draining) return;
    auto const now = wall_clock();
    auto due = queue_.index.next_due().value_or(mail::Instant::max());
    if (queue_.under_way >= most_writes) due = std::max(due, mail::Instant(now + 20ms));
    auto const when = std::min(due, mail::Instant(now + longest_sleep));
    if (armed_for_ && *armed_for_ <= when && *armed_for_ > now) return;
    armed_for_ = when;
    timer_.expires_after(std::max(when - now, mail::Instant::duration::zero()));
    timer_.async_wait([this](boost::system::error_code error) {
        if (error || queue_.draining) return;
        armed_for_.reset();
        look();
    });
}

void Dispatcher::look() {
    queue_.watch_clock();
    adopt_settings();
    settler_.look_after();
    probe_hosts();
    std::vector<Leg> legs;
    auto const room = queue_.under_way < most_writes ? legs_of_a_look : 0;
    queue_.index.take_due(wall_clock(), room, legs);
    for (auto const& view : queue_.index.views_of(legs)) {
        auto const leg = queue_.index.leg_of(view.id, view.hop);
        if (leg && queue_.index.leg(*leg).state == LegState::idle) {
            start_leg(*leg, HostBook::Why::due);
        }
    }
    arm();
}

void Dispatcher::settings_changed() {
    if (queue_.draining) return;
    adopt_settings();
    arm();
}

// A new configuration: what waits behind a host, or for the directory, may have a better way now.
void Dispatcher::adopt_settings() {
    auto const settings = parts().settings();
    if (settings->generation == generation_) return;
    bool const is_first = generation_ == 0;
    generation_ = settings->generation;
    std::unordered_map<std::string, unsigned> limits;
    for (auto const& host : settings->config.host_access) limits[host.name] = host.connections;
    hosts().adopt(generation_, std::move(limits), freshness(settings->schedule));
    if (is_first) return;
    for (auto const hop : queue_.index.hops()) {
        bool const undecided = is_undecided(queue_.index.name_of(hop), *settings->table);
        for (auto const leg : queue_.index.legs_at(hop)) {
            auto const view = queue_.index.leg(leg);
            if (view.state != LegState::waiting) continue;
            if (!undecided && !view.behind_host) continue;
            queue_.index.wait(leg, wall_clock(), view.attempts, view.behind_host);
        }
    }
}

void Dispatcher::probe_hosts() {
    bool const sweep = ++looks_ % looks_of_a_sweep == 0;
    for (auto it = host_queues_.begin(); it != host_queues_.end();) {
        auto const queue = it->second;
        bool const has_mail = queue_.index.find_hop(it->first).has_value();
        if (sweep && !has_mail && queue->is_unused()) {
            it = host_queues_.erase(it);
            continue;
        }
        ++it;
        if (has_mail && hosts().condition(queue->hop()) == HostCondition::down) queue->probe();
    }
}

}  // namespace splitmx::relay
