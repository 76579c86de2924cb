// `splitmx directory x500`: X500 addresses that somebody wrote to and no entry has, whose they
// probably are, and changes that would add them.
// Threads: blocking. Errors: printed, with an exit code: 69 where the relay does not answer.
#pragma once

#include "admin/verb.hpp"
#include "schema/listing.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "control/protocol.hpp"

namespace splitmx::admin {

struct X500Options {
    bool ldif = false;
    bool json = false;
};

ExitCode show_unfound_x500(X500Options const& options, Context const& context);

// Pure. `rows` as the relay gives them.
// Those that nobody has by now, either.
std::vector<control::json::object> still_unfound(
    std::vector<control::json::object> rows, schema::Listing const& listing
);
std::string x500_text(
    std::vector<control::json::object> const& rows, schema::Listing const& listing, std::int64_t now
);
// With the profiles of the listing. Where nobody can be guessed, a record to fill in stands as
// comment.
std::string x500_ldif(
    std::vector<control::json::object> const& rows, schema::Listing const& listing
);

}  // namespace splitmx::admin
