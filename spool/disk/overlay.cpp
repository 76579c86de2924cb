#include "spool/disk/overlay.hpp"

namespace splitmx::spool::disk {

void Overlay::take(JournalEntries const& entries) {
    std::lock_guard const lock(mutex_);
    for (auto const& entry : entries) {
        auto const [found, is_new] = messages_.try_emplace(entry.id, entry.message);
        if (is_new) {
            balance_ += entry.message ? 1 : -1;
            continue;
        }
        // Put here and removed here: the database never hears of it.
        if (found->second && !entry.message) {
            messages_.erase(found);
            --balance_;
        }
    }
}

void Overlay::clear() {
    std::lock_guard const lock(mutex_);
    messages_.clear();
    balance_ = 0;
}

std::optional<Overlay::Message> Overlay::find(SpoolId id) const {
    std::lock_guard const lock(mutex_);
    auto const found = messages_.find(id);
    if (found == messages_.end()) return std::nullopt;
    return found->second;
}

Overlay::Messages Overlay::all() const {
    std::lock_guard const lock(mutex_);
    return {messages_.begin(), messages_.end()};
}

std::size_t Overlay::size() const {
    std::lock_guard const lock(mutex_);
    return messages_.size();
}

std::int64_t Overlay::balance() const {
    std::lock_guard const lock(mutex_);
    return balance_;
}

}  // namespace splitmx::spool::disk
