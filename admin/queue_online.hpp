// The queue verbs, answered by the running relay: `splitmx queue list|show|export|retry|hold|
// release|bounce|drop`. What destroys is shown first and asked about; --dry-run only shows.
// Threads: blocking. Errors: printed, with an exit code.
#pragma once

#include "admin/queue_command.hpp"

#include <string>

namespace splitmx::admin {

ExitCode list_queue_online(ListOptions const& options, Context const& context);
ExitCode show_message_online(MessageOptions const& options, Context const& context);
ExitCode export_message_online(MessageOptions const& options, Context const& context);

struct ChangeOptions {
    std::string operation;  // "retry", "hold", "release", "bounce", "drop"
    FilterWords filter;
    bool all = false;
    std::string text;  // hold: why; bounce: for the sender
    bool dry_run = false;
    bool yes = false;
    bool no_report = false;
};
ExitCode change_queue(ChangeOptions const& options, Context const& context);

}  // namespace splitmx::admin
