// A message that is being worked on: the record that the spool keeps, and its body while that is in
// memory. Whoever works on it - a courier, a decision, a write - counts as busy with it; there is
// one Message for all of them, so that none overwrites what another has found out.
// Threads: one loop. Ownership: shared by those who are busy with it (live_messages.hpp).
#pragma once

#include "resolver/decision.hpp"
#include "resolver/routing_table.hpp"
#include "spool/body.hpp"
#include "spool/queue_item.hpp"
#include "spool/settle.hpp"
#include "spool/summary.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::relay {

struct Message {
    spool::QueueItem item;
    spool::InlineBody body;        // null: read it from the spool
    std::uint64_t generation = 0;  // of the Settings by which its hops were decided
    std::size_t busy = 0;
    std::size_t in_delivery = 0;  // legs that couriers have in hand
    // Refusals that wait for those of other couriers: one report tells of all.
    std::vector<spool::Outcome> refused;
    // What operators want, in that order, once nobody is busy with it.
    std::deque<std::function<void()>> when_idle;
    bool decides_when_idle = false;  // one of these decides again
};

using MessagePtr = std::shared_ptr<Message>;

// For the spool, which writes it on another thread: nobody may change it meanwhile.
inline std::shared_ptr<spool::QueueItem const> item_of(MessagePtr const& message) {
    return {message, &message->item};
}

// What the sender asks about reports on one recipient (RFC 3461 4.1, 4.2).
struct ReportWish {
    mail::Notify notify;
    std::string orcpt;  // as it came; empty: none
};

// The recipients of a decision: its routes, and what of it already failed. Of several copies of one
// address one alone can tell of success, and of a group none: it was expanded (RFC 3461 5.2.7).
void add_recipients(
    spool::QueueItem& item,
    std::string const& typed,
    resolver::Decision const& decision,
    resolver::RoutingTable const& table,
    ReportWish const& wish = {}
);

// What the queue in memory is to know of it: without those that are refused already. The texts are
// the message's and the reader's.
spool::Summary summary_of(Message const& message, spool::SummaryReader& reader);

// Two addresses that lead to one mailbox give it one copy, which then stands for both (expanded).
void drop_repeated_recipients(spool::QueueItem& item);

}  // namespace splitmx::relay
