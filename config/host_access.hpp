// What [host.NAME] says of the way to a host: how many connections, how long, under TLS, as whom.
// Threads: free functions; the reading one touches the files that the sections name. Errors:
// findings.
#pragma once

#include "config/config.hpp"
#include "config/finding.hpp"
#include "config/routing.hpp"
#include "config/section.hpp"

#include <string>
#include <vector>

namespace splitmx::config {

std::vector<HostAccess> read_host_access(
    std::vector<NamedSection> const& hosts,
    FileOrigin const& origin,
    Tls const& tls,
    Findings& findings
);

// Of a host that the file does not name, such as a mail exchanger: what is so by default.
HostAccess access_to(Config const& config, std::string const& host);

}  // namespace splitmx::config
