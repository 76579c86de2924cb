// What `splitmx directory status` finds out beside what the relay says of its directories: whether the
// servers that are not followed would answer, and what lint says of the people.
// Threads: blocking, one for each server. Errors: none; what cannot be found out is left out.
#pragma once

#include "admin/directory_text.hpp"
#include "admin/verb.hpp"

#include <map>
#include <string>
#include <vector>

#include "control/protocol.hpp"

namespace splitmx::admin {

struct DirectoryCheck {
    std::map<std::string, ServerTests> servers;  // by [directory.NAME]
    std::string people;                          // a line, or none
};

// `rows`: what the relay says, one for each directory.
DirectoryCheck check_directories(
    std::vector<control::json::object> const& rows, Context const& context
);

}  // namespace splitmx::admin
