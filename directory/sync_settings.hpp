// How a directory is followed, as its configuration says: for the copy that the relay keeps, and
// for a trial by a tool, which then is the same thing. Threads: pure function. Errors: none.
#pragma once

#include "config/config.hpp"
#include "ldap/dn.hpp"
#include "ldap/net/sync_client.hpp"

namespace splitmx::directory {

// Requires: a server at least. `base`: the directory's, parsed.
[[nodiscard]] ldap::net::SyncSettings sync_settings(
    config::Directory const& directory, ldap::Dn base
);

}  // namespace splitmx::directory
