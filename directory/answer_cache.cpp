#include "directory/answer_cache.hpp"

namespace splitmx::directory {

resolver::Answer AnswerCache::find(std::string const& id, Clock::time_point now) const {
    std::lock_guard const lock(mutex_);
    auto const found = kept_.find(id);
    if (found == kept_.end() || found->second.until <= now) return resolver::NotAsked{};
    return found->second.answer;
}

void AnswerCache::keep(
    std::string const& id, resolver::Answer const& answer, Clock::time_point now
) {
    bool const unknown = std::holds_alternative<resolver::Unavailable>(answer) ||
                         std::holds_alternative<resolver::NotAsked>(answer);
    // Several owners are a fault that somebody repairs: seen again as soon as "nobody" would be.
    auto const life =
        std::holds_alternative<resolver::One>(answer) ? settings_.positive : settings_.negative;
    if (unknown || life <= mail::Duration::zero()) return;
    std::lock_guard const lock(mutex_);
    if (kept_.size() >= settings_.capacity) make_room(now);
    kept_.insert_or_assign(id, Kept{answer, now + life});
}

void AnswerCache::make_room(Clock::time_point now) {
    std::erase_if(kept_, [now](auto const& item) { return item.second.until <= now; });
    if (kept_.size() >= settings_.capacity) kept_.clear();
}

void AnswerCache::clear() {
    std::lock_guard const lock(mutex_);
    kept_.clear();
}

std::size_t AnswerCache::size() const {
    std::lock_guard const lock(mutex_);
    return kept_.size();
}

}  // namespace splitmx::directory
