// `splitmx directory lint`: the findings of the room lint, printed; exit 65 where one is an error.
// Threads: blocking. Errors: printed, with an exit code. Source: contract of lint.
#pragma once

#include "admin/verb.hpp"
#include "lint/finding.hpp"
#include "schema/listing.hpp"

#include <string>

namespace splitmx::admin {

struct LintOptions {
    std::string rules;     // "D001,no-route"; empty: all
    std::string severity;  // the least that is shown; empty: info
    std::string fix_ldif;  // file to write; empty: none
    std::string with_ldif;
    bool dns = false;
    bool json = false;
    bool all = false;     // every entry of a finding
    bool server = false;  // read the servers themselves, not what the relay knows
};

ExitCode lint_directory(LintOptions const& options, Context const& context);

// One JSON object without a line end:
// {"id","name","severity","text","advice","source","entries":[{"dn","detail"}],"fix"}; `source` and
// `fix` may be null.
std::string to_json(lint::Finding const& finding, schema::Listing const& listing);

}  // namespace splitmx::admin
