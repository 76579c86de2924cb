// A message on its way: the record that the spool keeps, and its body while that is in memory.
// Threads: one loop. Ownership: shared by the jobs that deliver it.
#pragma once

#include "resolver/decision.hpp"
#include "resolver/routing_table.hpp"
#include "spool/body.hpp"
#include "spool/queue_item.hpp"

#include <memory>
#include <string>
#include <vector>

namespace splitmx::relay {

struct Message {
    spool::QueueItem item;
    spool::InlineBody body;  // null: read it from the spool
    std::size_t jobs = 0;    // couriers that have it in hand
};

using MessagePtr = std::shared_ptr<Message>;

// The recipients of a decision: its routes, and what of it already failed.
void add_recipients(
    spool::QueueItem& item,
    std::string const& typed,
    resolver::Decision const& decision,
    resolver::RoutingTable const& table
);

// Two addresses that lead to one mailbox give it one copy, which then stands for both (expanded).
void drop_repeated_recipients(spool::QueueItem& item);

}  // namespace splitmx::relay
