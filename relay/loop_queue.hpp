// What the parts of one loop's queue share: the index of all its messages, those in memory, and the
// way to the spool. Dispatcher, Settler, Decider and Operations work on it.
// Threads: one loop. Ownership: the Dispatcher's; outlives its coroutines.
#pragma once

#include "relay/live_messages.hpp"
#include "relay/parts.hpp"
#include "relay/spool_inbox.hpp"
#include "spool/clock_jumps.hpp"
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
    spool::ClockJumps jumps;  // of the wall clock, as this loop has noticed them
    std::minstd_rand random;
    std::size_t under_way = 0;  // coroutines that write
    bool draining = false;
    // Legs of that message may be due: it has changed, or nobody is busy with it any more.
    std::function<void(spool::SpoolId)> changed;
    // Told how far the clock was set, ahead or back.
    std::function<void(mail::Duration)> clock_was_set;

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
    // Nothing of that message waits longer than its next wait can be, whatever the clock said when
    // that was written. Of a message of an earlier run the waits end earlier by as much as the clock
    // was set back meanwhile, as far as that is known.
    void shorten_waits(spool::SpoolId id, mail::Duration earlier = {});
    // Notices that the clock was set: waits keep their length, and mail its age. Before anything
    // that compares the clock with a time that is kept.
    // The time it has looked at: whoever judges ages by a later one may meet a jump it has not seen.
    mail::Instant watch_clock();
    void update(Message const& message);
    // Counts whoever is busy with the message. The last end() runs what waited for that.
    void begin(MessagePtr const& message) { live.begin(message); }
    void end(MessagePtr const& message);
    mail::Instant arrival_of(spool::QueueItem const& item) const {
        return jumps.arrival(item.id, item.arrived);
    }
    // How far the clock was set back while no relay ran, at least; zero where nothing shows it.
    mail::Duration set_back() const { return set_back_; }
    double chance() { return std::uniform_real_distribution<double>(0, 1)(random); }

private:
    void correct_waits(spool::QueueItem& item) const;

    spool::SpoolId last_id_;                        // given when the clock was last looked at
    mail::Instant wall_;                            // then
    mail::Duration set_back_;
    std::chrono::steady_clock::time_point steady_;  // then
};

mail::Instant wall_clock();

}  // namespace splitmx::relay
