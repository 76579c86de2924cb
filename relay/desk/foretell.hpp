// What an operator asks for over the control socket as a QueueOperation, and what it would hit,
// before anything is done. Threads: pure functions.
#pragma once

#include "relay/queue_operation.hpp"
#include "resolver/routing_table.hpp"
#include "spool/queue_item.hpp"

#include <optional>
#include <set>
#include <string>

#include "control/protocol.hpp"

namespace splitmx::relay::desk {

// Nothing: there is no such operation. `by`: who asks.
std::optional<QueueOperation> operation_of(
    control::json::object const& arguments, queue::Filter const& filter, std::string const& by
);

// Of a move to a host that is not configured: what to say.
std::optional<std::string> wrong_host(
    QueueOperation const& operation, resolver::RoutingTable const& table
);

// Of a filter that fits nothing and names a host that is none, what to say: a slip of the pen looks
// like an empty queue otherwise. Names as "mx:example.net" or an address are not looked up.
std::optional<std::string> wrong_host(
    queue::Filter const& filter, resolver::RoutingTable const& table
);

// Of a message that it would do nothing to: nothing.
std::optional<OperationAnswer> foretell(
    QueueOperation const& operation,
    spool::QueueItem const& item,
    resolver::RoutingTable const& table,
    mail::Instant now
);

// The next hops that its pending recipients go to, or would go to.
void add_hops(
    std::set<std::string>& hops,
    QueueOperation const& operation,
    spool::QueueItem const& item,
    resolver::RoutingTable const& table
);
// [{"name":"notes","addresses":["notes1.adatum.com:25"]}]
control::json::array hosts_object(
    std::set<std::string> const& hops, resolver::RoutingTable const& table
);

// Beside the row of a message.
void add_answer(control::json::object& row, OperationAnswer const& answer);

}  // namespace splitmx::relay::desk
