// Records of the history on their way from the daemon to the tool, with every octet of their texts.
// Threads: pure functions. Errors: what is missing or of another type is empty.
#pragma once

#include "history/record.hpp"

#include "control/protocol.hpp"

namespace splitmx::control {

json::object to_wire(history::Record const& record);
history::Record read_record(json::object const& object);

}  // namespace splitmx::control
