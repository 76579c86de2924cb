// What the parts of one loop's queue share: the index of all its messages, those in memory, and the
// way to the spool. Dispatcher, Settler, Decider and Operations work on it.
// Threads: one loop. Ownership: the Dispatcher's; outlives its coroutines.
#pragma once

#include "relay/live_messages.hpp"
#include "relay/parts.hpp"
#include "relay/spool_inbox.hpp"
#include "spool/queue_index.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <random>
#include <vector>

namespace splitmx::relay {

struct LoopQueue {
    Parts& parts;
    boost::asio::any_io_executor loop;
    SpoolInbox& inbox;
    spool::QueueIndex index;
    LiveMessages live;
    std::minstd_rand random;
    std::size_t under_way = 0;  // coroutines that write
    bool draining = false;
    // Legs of that message may be due: it has changed, or nobody is busy with it any more.
    std::function<void(spool::SpoolId)> changed;

    LoopQueue(Parts& all, boost::asio::any_io_executor executor, SpoolInbox& completions);

    // From memory or from the spool. Null: it is not there any more, or cannot be read; the index
    // then forgets it.
    MessagePtr load(spool::SpoolId id);
    // A message that is damaged is never sent: it leaves the queue and is kept for the operator.
    // One of a newer program's stays where it is.
    void set_aside(spool::SpoolId id, spool::Error const& error);
    void set_aside(std::vector<spool::Damage> damaged);
    // The index learns what the message has become; update() also looks what is due of it.
    void replace(Message const& message);
    void update(Message const& message);
    // Counts whoever is busy with the message. The last end() runs what waited for that.
    void begin(MessagePtr const& message) { live.begin(message); }
    void end(MessagePtr const& message);
    double chance() { return std::uniform_real_distribution<double>(0, 1)(random); }
};

mail::Instant wall_clock();

}  // namespace splitmx::relay
