// The shape of a file against the table of keys: unknown sections and keys, missing ones, and
// values that do not fit their key. Threads: free function. Errors: all of them, as findings.
#pragma once

#include "config/document.hpp"
#include "config/finding.hpp"

namespace splitmx::config {

void check_structure(Table const& document, Findings& findings);

}  // namespace splitmx::config
