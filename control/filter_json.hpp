// A filter of the queue on its way through the control socket, and in the audit log.
// Threads: pure functions. Errors: of read_filter(), with the value that means nothing.
#pragma once

#include <string>

#include "control/protocol.hpp"
#include "queue/filter.hpp"

namespace splitmx::control {

json::object to_json(queue::Filter const& filter);
mail::Result<queue::Filter> read_filter(json::object const& arguments);
// "--host notes --older 3600s"; "all" for an empty one. Many ids are only counted.
std::string to_text(queue::Filter const& filter);

}  // namespace splitmx::control
