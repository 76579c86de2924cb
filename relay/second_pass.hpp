// A message that has been here before and would go the same way again: the end of every loop that
// no rule about one neighbour can see (A to B to C to A). Two passes are the same when the same
// address goes to the same host; so mail may come twice for different recipients, through a filter
// in front, or by way of a group (ADR 0013). A store reached by LMTP sends nothing on.
// Pure but for the key file. Threads: any.
#pragma once

#include "mail/pass_marks.hpp"
#include "mail/result.hpp"
#include "resolver/routing_table.hpp"
#include "spool/queue_item.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace splitmx::relay {

// The marks that a message gets with it.
std::vector<std::string> marks_of(
    spool::QueueItem const& item, resolver::RoutingTable const& table, mail::SipKey const& key
);

// Recipients whose mark is among `seen` become failures, with a text that names the system that
// handed the message over and the one it would have gone to. How many.
std::size_t refuse_second_pass(
    spool::QueueItem& item,
    resolver::RoutingTable const& table,
    mail::SipKey const& key,
    std::set<std::string> const& seen
);

// The secret of this relay; made when there is none, readable for its owner only.
mail::Result<mail::SipKey> load_pass_key(std::filesystem::path const& file);

}  // namespace splitmx::relay
