// All recipients of all directories of a configuration, read whole: an LDIF file, or a server page
// by page. For tools; what the daemon knows comes from its own copy.
// Threads: blocking. Errors: a directory that cannot be read whole, with its name; there is no part
// of a listing. The program must ignore SIGPIPE.
#pragma once

#include "config/config.hpp"
#include "ldap/change.hpp"
#include "mail/result.hpp"
#include "schema/listing.hpp"

#include <span>

namespace splitmx::directory {

// `changes` are applied on the way, as if they had been made; new entries belong to the first one.
[[nodiscard]] mail::Result<schema::Listing> list_all(
    config::Config const& config, std::span<ldap::Change const> changes = {}
);

}  // namespace splitmx::directory
