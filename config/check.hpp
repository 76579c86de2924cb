// What only the whole of a configuration can tell: sections that contradict or lack each other.
// Threads: free function. Errors and warnings: as findings. Source: contract of `splitmx config
// check`.
#pragma once

#include "config/document.hpp"
#include "config/finding.hpp"
#include "config/routing.hpp"

namespace splitmx::config {

// What a configuration is loaded for: the daemon cannot do without a listener, a tool can, and
// whoever only inspects it is told.
enum class Purpose { serve, look_up, inspect };

void check(Table const& document, Routing const& routing, Purpose purpose, Findings& findings);

}  // namespace splitmx::config
