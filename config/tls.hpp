// [tls] and what depends on it, read and checked.
// Threads: free function, which touches the files that the section names. Errors: findings.
#pragma once

#include "config/config.hpp"
#include "config/document.hpp"
#include "config/finding.hpp"
#include "config/section.hpp"

namespace splitmx::config {

Tls read_tls(Table const& document, FileOrigin const& origin, Findings& findings);

}  // namespace splitmx::config
