#include "dns/cache.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::dns {

namespace {

std::chrono::seconds time_to_keep(Records const& records) {
    switch (records.outcome) {
        case Records::Outcome::found:
            return std::min<std::chrono::seconds>(records.ttl, cache_longest);
        case Records::Outcome::no_data:
        case Records::Outcome::no_such_name:
            return std::min<std::chrono::seconds>(records.ttl, cache_longest_negative);
        case Records::Outcome::failed:
            break;
    }
    return std::chrono::seconds(0);
}

}  // namespace

RecordsPtr Cache::find(Question const& question, Instant now) const {
    std::lock_guard const lock(mutex_);
    return find_locked(question, now);
}

RecordsPtr Cache::find_locked(Question const& question, Instant now) const {
    auto const known = entries_.find(question);
    if (known == entries_.end() || known->second.good_until <= now) return nullptr;
    return known->second.records;
}

bool Cache::ask(Question const& question, Handler handler, Instant now) {
    RecordsPtr known;
    {
        std::lock_guard const lock(mutex_);
        known = find_locked(question, now);
        if (!known) {
            auto& waiting = under_way_[question];
            waiting.push_back(std::move(handler));
            return waiting.size() == 1;
        }
    }
    handler(known);
    return false;
}

void Cache::settle(Question const& question, Records records, Instant now) {
    auto const answer = std::make_shared<Records const>(std::move(records));
    std::vector<Handler> waiting;
    {
        std::lock_guard const lock(mutex_);
        keep_locked(question, answer, now);
        auto const asked = under_way_.find(question);
        if (asked == under_way_.end()) return;
        waiting = std::move(asked->second);
        under_way_.erase(asked);
    }
    for (auto const& handler : waiting) handler(answer);
}

void Cache::keep_locked(Question const& question, RecordsPtr records, Instant now) {
    auto const keep = time_to_keep(*records);
    if (keep <= std::chrono::seconds(0)) return;
    if (entries_.size() >= cache_entries) {
        std::erase_if(entries_, [now](auto const& item) { return item.second.good_until <= now; });
        if (entries_.size() >= cache_entries) entries_.clear();
    }
    entries_.insert_or_assign(question, Entry{std::move(records), now + keep});
}

}  // namespace splitmx::dns
