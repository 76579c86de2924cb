// `splitmx directory status`, `sync` and `accept`: the running relay's directories.
// Threads: blocking. Errors: printed, with an exit code: 75 where removals are held or it takes
// longer, 69 where the server or the relay does not answer, 65 where there is no such directory.
#pragma once

#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct DirectoryOptions {
    std::string name;  // of a [directory.NAME]; empty: all
    bool json = false;
    bool yes = false;          // accept: ask nothing
    std::string wait = "300";  // sync: seconds
};

ExitCode show_directories(DirectoryOptions const& options, Context const& context);
ExitCode read_directories_again(DirectoryOptions const& options, Context const& context);
ExitCode accept_removals(DirectoryOptions const& options, Context const& context);

}  // namespace splitmx::admin
