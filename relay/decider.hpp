// Gets queued recipients decided (again) before their next attempt: asks the directory, a few
// messages at a time, and writes down what has changed (redecide.hpp). Where the directory does not
// tell, an old route stays, and what has none waits for 5 to 60 s without an attempt that counts.
// Threads: one loop.
#pragma once

#include "relay/loop_queue.hpp"
#include "relay/redecide.hpp"
#include "relay/settler.hpp"

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace splitmx::relay {

class Decider {
public:
    static constexpr std::size_t most_at_once = 16;

    // When a message is attempted that has been decided. Forced: also at a host that is down.
    enum class Then { in_its_time, at_once, forced };

    // `force`: starts what is due of a message as an operator's wish.
    Decider(LoopQueue& queue, Settler& settler, std::function<void(spool::SpoolId)> force)
        : queue_(queue), settler_(settler), force_(std::move(force)) {}

    // Requires: its legs neither wait nor are ready. They do again when it is decided.
    void decide_soon(spool::SpoolId id, Then then = Then::in_its_time);
    std::size_t waiting() const { return waiting_.size(); }

private:
    void start_some();
    boost::asio::awaitable<void> decide(MessagePtr message);
    boost::asio::awaitable<void> decide_by(MessagePtr message, SettingsPtr settings);
    Then take_wish(spool::SpoolId id);
    void finish(MessagePtr const& message, Redecided result, Settings const& settings);
    void wait_for_directory(MessagePtr const& message, Redecided const& result, Settings const& by);

    LoopQueue& queue_;
    Settler& settler_;
    std::function<void(spool::SpoolId)> force_;
    std::deque<spool::SpoolId> waiting_;
    std::unordered_set<spool::SpoolId> known_;            // those that wait or are being decided
    std::unordered_map<spool::SpoolId, unsigned> tries_;  // in vain, since the last answer
    std::unordered_map<spool::SpoolId, Then> wishes_;     // other than in_its_time
    std::size_t deciding_ = 0;
};

}  // namespace splitmx::relay
