// The queue verbs that look, answered by the running relay: `splitmx queue list|show|export`.
// Threads: blocking. Errors: printed, with an exit code.
#pragma once

#include "admin/queue_command.hpp"

namespace splitmx::admin {

ExitCode list_queue_online(ListOptions const& options, Context const& context);
ExitCode show_message_online(MessageOptions const& options, Context const& context);
ExitCode export_message_online(MessageOptions const& options, Context const& context);

}  // namespace splitmx::admin
