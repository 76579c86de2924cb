// Searches whose entries come with all of their values: where a server gave only the first of an
// attribute (ldap/ranged_values.hpp), the rest is asked for before the answer goes on.
// Threads: those of the search beneath. Errors: an entry whose rest does not come stays marked as
// partial; the others are what they are.
#pragma once

#include "directory/live_source.hpp"

namespace splitmx::directory {

[[nodiscard]] SearchFunction with_all_values(SearchFunction search);

}  // namespace splitmx::directory
