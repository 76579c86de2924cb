// A listing as it would be after changes of the directory that have not been made.
// Threads: blocking. Errors: a change that cannot be made, or a directory that does not tell what
// an entry is now; the listing is then of no use. The program must ignore SIGPIPE.
#pragma once

#include "config/config.hpp"
#include "ldap/change.hpp"
#include "mail/result.hpp"
#include "schema/listing.hpp"

#include <span>

namespace splitmx::directory {

// `listing` has the profile of each of its sources, which are the directories of `config` in their
// order. Of an entry that is modified the present state is read from its server or file; nothing
// else is read.
[[nodiscard]] mail::Result<void> lay_over(
    schema::Listing& listing, config::Config const& config, std::span<ldap::Change const> changes
);

}  // namespace splitmx::directory
