// `splitmx queue retry|hold|release|bounce|drop|move`, done by the running relay. What cannot be
// undone is shown first and asked about; --dry-run only shows.
// Threads: blocking. Errors: printed, with an exit code; a next hop that is not configured is 68.
#pragma once

#include "admin/queue_filter_words.hpp"
#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct ChangeOptions {
    std::string operation;  // "retry", "hold", "release", "bounce", "drop", "move"
    FilterWords filter;
    bool all = false;
    std::string text;  // hold: why; bounce: for the sender
    std::string host;  // move: to where
    bool back = false;  // move: to where the rules say
    bool dry_run = false;
    bool yes = false;
    bool no_report = false;
};
ExitCode change_queue(ChangeOptions const& options, Context const& context);

}  // namespace splitmx::admin
