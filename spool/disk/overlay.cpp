#include "spool/disk/overlay.hpp"

namespace splitmx::spool::disk {

namespace {

std::size_t octets_of(Overlay::Message const& message) {
    return message ? message->record.size() + message->body->size() : 0;
}

}  // namespace

void Overlay::take(JournalEntries const& entries) {
    std::lock_guard const lock(mutex_);
    for (auto const& entry : entries) add(entry);
}

void Overlay::take(JournalEntry const& entry) {
    std::lock_guard const lock(mutex_);
    add(entry);
}

void Overlay::add(JournalEntry const& entry) {
    auto const [found, is_new] = messages_.try_emplace(entry.id, entry.message);
    if (is_new) {
        octets_ += octets_of(entry.message);
        balance_ += entry.message ? 1 : -1;
        return;
    }
    if (!found->second) return;
    octets_ += octets_of(entry.message) - octets_of(found->second);
    if (entry.message) {
        found->second = entry.message;
        return;
    }
    // Put here and removed here: the database never hears of it.
    messages_.erase(found);
    --balance_;
}

void Overlay::clear() {
    std::lock_guard const lock(mutex_);
    messages_.clear();
    balance_ = 0;
    octets_ = 0;
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

std::size_t Overlay::octets() const {
    std::lock_guard const lock(mutex_);
    return octets_;
}

std::int64_t Overlay::balance() const {
    std::lock_guard const lock(mutex_);
    return balance_;
}

}  // namespace splitmx::spool::disk
