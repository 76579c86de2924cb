// `splitmx directory search` and `export`: recipients as people and programs read them.
// Threads: blocking. Errors: printed, with an exit code; nobody found is exit 67.
#pragma once

#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct SearchOptions {
    std::string text;
    bool json = false;
    bool server = false;  // read the servers themselves, not what the relay knows
};
ExitCode search_directory(SearchOptions const& options, Context const& context);

struct ExportOptions {
    std::string format = "json";  // "json", "csv", "ldif"; the last only has the server
    bool server = false;
};
ExitCode export_directory(ExportOptions const& options, Context const& context);

}  // namespace splitmx::admin
