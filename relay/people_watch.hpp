// Looks through the queue of one loop for recipients whose entry has changed. The queue in memory
// has no addresses, so records are read, a few at a time between other work; what changes meanwhile
// is looked for in the next round. Threads: one loop.
#pragma once

#include "relay/directory_news.hpp"
#include "relay/loop_queue.hpp"

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

namespace splitmx::relay {

// Is one of its pending recipients, as it was typed or as it goes out, one of these? A subaddress
// is also what it stands for, and everybody in a domain is also its catch-all.
bool concerns(
    spool::QueueItem const& item,
    std::unordered_set<std::string> const& changed,
    resolver::RoutingTable const& table
);

class PeopleWatch {
public:
    // `found` is called for each message that is concerned.
    PeopleWatch(LoopQueue& queue, std::function<void(MessagePtr const&)> found)
        : queue_(queue), found_(std::move(found)) {}

    void look_for(ChangedAddresses const& changed);

private:
    static constexpr std::size_t at_once = 32;

    void begin();
    void go_on();

    LoopQueue& queue_;
    std::function<void(MessagePtr const&)> found_;
    std::unordered_set<std::string> next_;  // for the next round
    std::unordered_set<std::string> wanted_;
    std::vector<spool::SpoolId> left_;
    bool looking_ = false;
};

}  // namespace splitmx::relay
