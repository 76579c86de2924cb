// Follows a directory once, as the relay would, up to the end of the first refresh: what the
// account is given there is what the relay will know. For tools. Threads: blocks, with a thread of
// its own; a server that falls silent is given a minute. Errors: in the trial, each with what to do
// about it. The program must ignore SIGPIPE. Source: docs/directory.md; RFC 4533, RFC 2696.
#pragma once

#include "config/config.hpp"
#include "ldap/server_facts.hpp"
#include "schema/listing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace splitmx::directory {

struct Trial {
    bool is_complete = false;  // everybody was told; else `failures` says why not
    std::string uri;           // of the server that was followed
    ldap::ServerFacts facts;
    std::optional<ldap::SyncMethod> method;  // none: it can only be asked, address by address
    schema::Listing listing;
    std::size_t nameless = 0;            // entries without an id of the server: known by their name
    std::vector<std::string> elsewhere;  // URIs of places whose entries are on other servers
    std::vector<std::string> remarks;
    std::vector<std::string> failures;  // "URI: what happened; what to do", in their order
};

// Requires: servers, not an LDIF file; a base that is a DN.
[[nodiscard]] Trial try_following(config::Directory const& directory);

}  // namespace splitmx::directory
