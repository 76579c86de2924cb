// Queued recipients that an operator sends to another next hop than the rules do: `splitmx queue
// move`. Only those that are still to be delivered to, and that the filter means. The mark stays
// with the recipient: neither a new configuration nor a restart undoes it (redecide.hpp), until it
// is moved back, or the configuration no longer has that host.
// A recipient whose mail came from the very system that it would go to stays where it is: that
// would be a loop (ping-pong, resolver/ping_pong.hpp).
// Pure. Threads: values.
#pragma once

#include "mail/clock.hpp"
#include "relay/queue_operation.hpp"
#include "resolver/routing_table.hpp"
#include "spool/queue_item.hpp"

#include <cstddef>
#include <vector>

namespace splitmx::relay {

struct Moved {
    spool::QueueItem item;                // with the new hops
    std::vector<std::size_t> recipients;  // that are moved: indexes in the item
    bool would_loop = false;              // some stay, for they came from there
};

// What is moved is due at `now`. Requires: the table has the host, unless the move is one back.
Moved move_recipients(
    spool::QueueItem item, Move const& move, resolver::RoutingTable const& table, mail::Instant now
);

}  // namespace splitmx::relay
