// The messages of one loop that are in memory: those that somebody is busy with, and the newest
// that have just come in, so that most mail is never read back from the disk. All others are ids;
// so memory stays bounded whatever the backlog.
// Threads: one loop.
#pragma once

#include "relay/message.hpp"

#include <deque>
#include <unordered_map>

namespace splitmx::relay {

class LiveMessages {
public:
    static constexpr std::size_t most_fresh = 4000;
    static constexpr std::size_t most_octets = 16 * 1024 * 1024;  // of their bodies

    // Null: it is on the disk only.
    MessagePtr find(spool::SpoolId id) const;
    // A message that came in; an older one makes room.
    void keep(MessagePtr message);
    // Somebody begins, or has ended, to be busy with it. True: nobody is any more, it may be
    // forgotten; whoever gets that answer looks at when_idle.
    void begin(MessagePtr const& message);
    bool end(MessagePtr const& message);
    void forget(spool::SpoolId id);

    std::size_t size() const { return messages_.size(); }
    std::size_t octets() const { return octets_; }

private:
    void make_room();
    void drop(spool::SpoolId id);

    std::unordered_map<spool::SpoolId, MessagePtr> messages_;
    std::deque<std::pair<spool::SpoolId, std::size_t>> fresh_;  // with the octets counted for it
    std::size_t octets_ = 0;
};

}  // namespace splitmx::relay
