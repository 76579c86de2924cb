// The checks of the [[domain]] entries: each by itself, and all of them together.
// Threads: free function. Errors and warnings: as findings.
// Source: contract of `splitmx config check`; Q245740 and Q260247 for cycles, Q201127 and Q259531
// for a host without acceptance, Q321721 for unknown = "forward".
#pragma once

#include "config/finding.hpp"
#include "config/routing.hpp"

namespace splitmx::config {

void check_domains(Routing const& routing, Findings& findings);

}  // namespace splitmx::config
