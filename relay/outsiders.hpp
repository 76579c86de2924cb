// What a host of ours has said, as outsiders may read it: without names and addresses of hosts,
// entries of the directory, and addresses that took the place of the one that was typed.
// Words stay as they are, since they tell the sender what to do.
// Threads: pure function. Source: Q246881, RFC 3464 4 (reports tell of the inside of a system).
#pragma once

#include "resolver/routing_table.hpp"
#include "spool/queue_item.hpp"

#include <string>
#include <string_view>

namespace splitmx::relay {

// `host`: who said it, "mbx1.adatum.com[10.0.0.1]:25".
std::string for_outsiders(
    std::string_view text,
    std::string_view host,
    spool::QueuedRecipient const& recipient,
    resolver::RoutingTable const& table
);

}  // namespace splitmx::relay
