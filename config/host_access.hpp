// What [host.NAME] says of the way to a host: how many connections, how long, under TLS, as whom.
// Threads: free function, which touches the files that the sections name. Errors: findings.
#pragma once

#include "config/config.hpp"
#include "config/finding.hpp"
#include "config/routing.hpp"
#include "config/section.hpp"

#include <vector>

namespace splitmx::config {

std::vector<HostAccess> read_host_access(
    std::vector<NamedSection> const& hosts,
    FileOrigin const& origin,
    Tls const& tls,
    Findings& findings
);

}  // namespace splitmx::config
