// A decision for scripts: one JSON object a line, with stable names. Members may be added; readers
// ignore those they do not know.
// Threads: pure function. Source: contract of `splitmx resolve --json`.
#pragma once

#include "directory/source.hpp"
#include "resolver/decision.hpp"

#include <string>
#include <string_view>

namespace splitmx::control {

// Without a line end.
std::string to_json(
    std::string_view address, resolver::Decision const& decision, directory::Health const& directory
);

// The same without the directory's state: as the history keeps it.
std::string to_json(std::string_view address, resolver::Decision const& decision);

}  // namespace splitmx::control
