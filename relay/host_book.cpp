#include "relay/host_book.hpp"

#include "relay/hop.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace {

constexpr std::size_t fewest_connections = 16;
constexpr std::size_t most_connections = 4096;
constexpr std::size_t other_descriptors = 128;  // spool, logs, directories, DNS, control
constexpr std::chrono::seconds longest_freshness{30};

HostBook::Moment now() { return std::chrono::steady_clock::now(); }

}  // namespace

std::size_t outbound_limit(std::size_t open_files, std::size_t clients) {
    auto const taken = clients + other_descriptors;
    auto const left = open_files > taken ? (open_files - taken) / 2 : 0;
    return std::clamp(left, fewest_connections, most_connections);
}

std::size_t most_clients(std::size_t open_files) {
    auto const taken = fewest_connections + other_descriptors;
    return std::max<std::size_t>(open_files > taken ? open_files - taken : 0, fewest_connections);
}

// Waits vary by a tenth; half of the shortest is below every one of them.
mail::Duration freshness(spool::RetrySchedule const& schedule) {
    auto shortest = schedule.longest;
    for (auto const wait : schedule.retry) shortest = std::min(shortest, wait);
    return std::min<mail::Duration>(shortest / 2, longest_freshness);
}

std::size_t HostBook::join(Loop loop) {
    loops_.push_back(std::move(loop));
    return loops_.size() - 1;
}

void HostBook::adopt(
    std::uint64_t generation, std::unordered_map<std::string, unsigned> limits, mail::Duration fresh
) {
    News news;
    {
        std::lock_guard const lock(mutex_);
        if (generation <= generation_) return;
        generation_ = generation;
        limits_ = std::move(limits);
        fresh_ = fresh;
        for (auto& [hop, entry] : hosts_) {
            entry.state.set_limit(new_state(hop).limit(), fresh_);
            entry.state.give_chance();
            offer(hop, entry);
        }
        serve(news);
    }
    tell(news);
}

HostState HostBook::new_state(std::string_view hop) const {
    auto const limit = limits_.find(host_name(hop));
    return {limit == limits_.end() ? HostState::default_limit : limit->second, fresh_, now()};
}

HostBook::Entry_& HostBook::entry(std::string const& hop) {
    auto const known = hosts_.find(hop);
    if (known != hosts_.end()) return known->second;
    if (hosts_.size() >= sweep_at_) forget_unused();
    auto& made = hosts_.emplace(hop, Entry_(new_state(hop))).first->second;
    made.places.resize(loops_.size());
    return made;
}

void HostBook::take(Entry_& host, std::size_t loop) {
    host.state.take();
    ++host.places[loop];
    ++used_;
}

// Mail goes to ever new domains: of those that work, nothing need be remembered.
void HostBook::forget_unused() {
    std::erase_if(hosts_, [](auto const& host) {
        return host.second.state.is_unused() && host.second.waiting.empty();
    });
    sweep_at_ = std::max<std::size_t>(4096, hosts_.size() * 2);
}

HostBook::Entry HostBook::ask(std::size_t loop, std::string const& hop, Why why) {
    News news;
    auto answer = Entry::full;
    {
        std::lock_guard const lock(mutex_);
        auto& host = entry(hop);
        // Nobody overtakes those who wait already.
        bool const in_line = !turns_.empty() || !host.waiting.empty() || used_ >= total_;
        auto const moment = now();
        answer = host.state.ask(moment, why);
        if (answer == Entry::granted && in_line) answer = Entry::full;
        if (answer == Entry::granted) take(host, loop);
        if (answer == Entry::full) {
            auto& waiting = host.waiting;
            bool const waits = std::find(waiting.begin(), waiting.end(), loop) != waiting.end();
            if (!waits) waiting.push_back(loop);
            bool const has_none = !waits && host.places[loop] == 0;
            if (has_none || moment - host.told >= lent_time) {
                host.told = moment;
                news.wanted = true;
            }
            offer(hop, host);
            serve(news);
        }
    }
    tell(news);
    return answer;
}

void HostBook::cancel(std::size_t loop, std::string const& hop) {
    std::lock_guard const lock(mutex_);
    auto const known = hosts_.find(hop);
    if (known == hosts_.end()) return;
    auto& host = known->second;
    std::erase(host.waiting, loop);
    if (!host.waiting.empty() || !std::exchange(host.has_turn, false)) return;
    std::erase(turns_, hop);
}

void HostBook::leave(std::size_t loop, std::string const& hop, bool was_connected) {
    News news;
    {
        std::lock_guard const lock(mutex_);
        auto& host = entry(hop);
        host.state.leave(was_connected);
        --host.places[loop];
        --used_;
        offer(hop, host);
        serve(news);
    }
    tell(news);
}

void HostBook::offer(std::string const& hop, Entry_& host) {
    if (host.has_turn || host.waiting.empty() || !host.state.has_place()) return;
    host.has_turn = true;
    turns_.push_back(hop);
}

void HostBook::serve(News& news) {
    while (used_ < total_ && !turns_.empty()) {
        auto const hop = std::move(turns_.front());
        turns_.pop_front();
        auto& host = entry(hop);
        host.has_turn = false;
        if (host.waiting.empty() || !host.state.has_place()) continue;
        // Who has fewest: a place that a loop yields does not come back to it.
        auto const fewer = [&host](std::size_t one, std::size_t other) {
            return host.places[one] < host.places[other];
        };
        auto const next = std::min_element(host.waiting.begin(), host.waiting.end(), fewer);
        auto const loop = *next;
        host.waiting.erase(next);
        take(host, loop);
        news.grants.emplace_back(loop, hop);
        offer(hop, host);
    }
}

void HostBook::tell(News const& news) const {
    for (auto change : news.changes) {
        auto const done = [report = report_, change](std::size_t messages) {
            report(change, messages);
        };
        change.count = std::make_shared<LoopCount>(loops_.size(), done);
        for (auto const& loop : loops_) loop.changed(change);
    }
    for (auto const& [loop, hop] : news.grants) loops_[loop].granted(hop);
    if (news.wanted) {
        for (auto const& loop : loops_) loop.wanted();
    }
}

bool HostBook::is_wanted(std::size_t loop, std::string const& hop) const {
    std::lock_guard const lock(mutex_);
    if (is_short()) return true;
    auto const known = hosts_.find(hop);
    if (known == hosts_.end()) return false;
    auto const& waiting = known->second.waiting;
    return std::any_of(waiting.begin(), waiting.end(), [loop](auto other) { return other != loop; });
}

// A new connection costs more than a message: none changes hands between loops that have as many.
bool HostBook::should_yield(std::size_t loop, std::string const& hop) const {
    std::lock_guard const lock(mutex_);
    if (is_short()) return true;
    auto const known = hosts_.find(hop);
    if (known == hosts_.end()) return false;
    auto const& waiting = known->second.waiting;
    auto const& places = known->second.places;
    auto const mine = places[loop];
    return std::any_of(waiting.begin(), waiting.end(), [&](std::size_t other) {
        return places[other] == 0 || places[other] + 1 < mine;
    });
}

// `what` is done to the state and says whether its condition has changed.
template <class Change>
bool HostBook::change(std::string const& hop, Change const& what) {
    News news;
    bool changed = false;
    {
        std::lock_guard const lock(mutex_);
        auto& host = entry(hop);
        auto const before = host.state.condition();
        auto const since = host.state.since();
        changed = what(host.state);
        if (changed) {
            // Who waits for a place asks again when it hears of the change.
            host.waiting.clear();
            HostChanged news_of;
            news_of.hop = hop;
            news_of.before = before;
            news_of.now = host.state.condition();
            news_of.reply = host.state.last_reply();
            news_of.lasted = std::chrono::duration_cast<mail::Duration>(now() - since);
            news_of.reason = host.state.pause_reason();
            news.changes.push_back(std::move(news_of));
        } else {
            offer(hop, host);
        }
        serve(news);
    }
    tell(news);
    return changed;
}

void HostBook::connected(std::string const& hop) {
    change(hop, [](HostState& state) { return state.connected(now()); });
}

void HostBook::carried(std::string const& hop, HostReply reply) {
    change(hop, [&](HostState& state) { return state.carried(now(), std::move(reply)); });
}

void HostBook::broke(std::string const& hop, HostReply reply) {
    change(hop, [&](HostState& state) { return state.broke(now(), std::move(reply)); });
}

void HostBook::unreachable(std::string const& hop, HostReply reply) {
    change(hop, [&](HostState& state) { return state.unreachable(now(), std::move(reply)); });
}

bool HostBook::pause(std::string const& hop, std::string reason) {
    return change(hop, [&](HostState& state) { return state.pause(now(), std::move(reason)); });
}

bool HostBook::resume(std::string const& hop) {
    return change(hop, [](HostState& state) { return state.resume(now()); });
}

HostCondition HostBook::condition(std::string const& hop) const {
    std::lock_guard const lock(mutex_);
    auto const known = hosts_.find(hop);
    return known == hosts_.end() ? HostCondition::up : known->second.state.condition();
}

HostState HostBook::state(std::string const& hop) const {
    std::lock_guard const lock(mutex_);
    auto const known = hosts_.find(hop);
    return known == hosts_.end() ? new_state(hop) : known->second.state;
}

std::vector<std::string> HostBook::hops() const {
    std::lock_guard const lock(mutex_);
    std::vector<std::string> all;
    all.reserve(hosts_.size());
    for (auto const& [hop, host] : hosts_) all.push_back(hop);
    return all;
}

std::size_t HostBook::connections() const {
    std::lock_guard const lock(mutex_);
    return used_;
}

}  // namespace splitmx::relay
