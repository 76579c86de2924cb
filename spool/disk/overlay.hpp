// What the journal says and the database does not know yet: new messages, as they are by now, and
// removals of messages that the database still has. Whoever reads looks here first, and what is
// here counts.
// A walk takes all() before it looks into the database: what was moved in between is seen there.
// Whoever must not see half a batch holds off moves while it does both.
// Threads: all but take() and clear() any, those the writing one.
#pragma once

#include "spool/disk/journal_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

namespace splitmx::spool::disk {

class Overlay {
public:
    using Message = std::shared_ptr<StoredMessage const>;  // null: removed
    using Messages = std::map<SpoolId, Message>;

    // In their order. Requires: what is removed is new here, or the database has it.
    void take(JournalEntries const& entries);
    void take(JournalEntry const& entry);
    void clear();

    // None: nothing is said of it.
    std::optional<Message> find(SpoolId id) const;
    bool contains(SpoolId id) const { return find(id).has_value(); }
    Messages all() const;
    std::size_t size() const;
    std::size_t octets() const;  // of its messages: records and bodies
    // New messages less removed ones.
    std::int64_t balance() const;

    // Moves are kept out for as long as it is held.
    std::shared_lock<std::shared_mutex> hold() const { return std::shared_lock(moving_); }
    std::unique_lock<std::shared_mutex> move() const { return std::unique_lock(moving_); }

private:
    void add(JournalEntry const& entry);

    mutable std::shared_mutex moving_;
    mutable std::mutex mutex_;
    std::unordered_map<SpoolId, Message> messages_;
    std::int64_t balance_ = 0;
    std::size_t octets_ = 0;
};

}  // namespace splitmx::spool::disk
