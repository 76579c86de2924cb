// Routes of another mail system as sections of a configuration. Threads: pure function.
#pragma once

#include "migration/person.hpp"

#include <string>
#include <vector>

namespace splitmx::admin {

// [[domain]], [host.NAME] and [routing] outbound, in the order of the routes; empty for none.
std::string to_toml(std::vector<migration::Route> const& routes);

}  // namespace splitmx::admin
