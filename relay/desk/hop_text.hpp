// A next hop as `splitmx resolve --explain` tells of it: where it is, and how it is just now.
// Threads: pure.
#pragma once

#include "relay/host_state.hpp"
#include "resolver/decision.hpp"
#include "resolver/routing_table.hpp"

#include <functional>
#include <string>

namespace splitmx::relay::desk {

// "notes1.adatum.com:25  up, last used 4 s ago"
std::string hop_text(resolver::Host const& host, HostState const& state, HostState::Moment now);

// A line for each next hop of a decision, as control::explanation() has them; of very many the first.
std::string hop_lines(
    resolver::Decision const& decision,
    std::function<HostState(resolver::Host const&)> const& state_of,
    HostState::Moment now
);

}  // namespace splitmx::relay::desk
