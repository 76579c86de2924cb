// Which profile would fit a server? Every profile that is known, and maps for directories that have
// none of their own yet, are tried on a sample; the one that makes recipients of most entries wins.
// Threads: pure. Errors: none; with nothing to go by there is no guess.
// Source: attribute lists of the products named; RFC 4512 4.2.
#pragma once

#include "schema/custom_profile.hpp"
#include "schema/profile.hpp"
#include "schema/server_view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace splitmx::schema {

struct Guess {
    std::string name;              // of the profile, or of the product its map is for
    std::vector<KeyAndValue> map;  // of profile "custom"; empty for a built-in one
    std::size_t mailboxes = 0;     // with an address, as all that follow
    std::size_t custom_recipients = 0;
    std::size_t groups = 0;
    std::size_t addresses = 0;
    std::vector<std::string> notes;

    std::size_t recipients() const { return mailboxes + custom_recipients + groups; }
};

// Best first; those that make nobody a recipient are left out.
[[nodiscard]] std::vector<Guess> probe(ServerView const& view);

// Entries that any of the profiles could mean.
[[nodiscard]] ldap::Filter probe_filter();

}  // namespace splitmx::schema
