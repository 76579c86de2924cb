// [admin], [log] and [history], read and checked: how administrators reach the relay, and what it
// tells them. Threads: free functions, which look at folders that the sections name. Errors:
// findings.
#pragma once

#include "config/config.hpp"
#include "config/document.hpp"
#include "config/finding.hpp"
#include "config/section.hpp"

namespace splitmx::config {

Admin read_admin(Table const& document, FileOrigin const& origin, Findings& findings);
Log read_log(Table const& document, FileOrigin const& origin, Findings& findings);
History read_history(Table const& document, FileOrigin const& origin, Server const& server);

}  // namespace splitmx::config
