// From [server], [[listen]], [relay], [[domain]], [host.NAME] and [routing] to the routing table.
// Every rule remembers "FILE:LINE", with FILE as the command line named it.
// Threads: free functions. Errors: unknown hosts and domains that are named twice, as findings;
// such rules are left out. What else may be wrong between sections is config/check.hpp's.
#pragma once

#include "config/config.hpp"
#include "config/document.hpp"
#include "config/finding.hpp"
#include "config/section.hpp"
#include "resolver/routing_table.hpp"

#include <vector>

namespace splitmx::config {

// One [[domain]] with the names that were understood; its rules are in the table.
struct DomainEntry {
    struct Name {
        resolver::DomainPattern pattern;
        SourcePosition position;
    };
    Section section;
    std::vector<Name> names;
};

struct NamedSection {
    std::string name;
    Section section;
};

struct Routing {
    resolver::RoutingTable table;
    std::vector<DomainEntry> domains;
    std::vector<NamedSection> hosts;  // in the order of the file
};

// `hostname` is the one in force; `listeners` tell our own ports and addresses.
Routing read_routing(
    Table const& document,
    FileOrigin const& origin,
    mail::Domain const& hostname,
    std::vector<Listener> const& listeners,
    Findings& findings
);

}  // namespace splitmx::config
