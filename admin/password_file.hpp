// A password that stands in a file of its own: its first line, without the line end of an editor.
// Threads: blocking. Errors: nothing where there is no such file, or no line in it.
#pragma once

#include <optional>
#include <string>

namespace splitmx::admin {

std::optional<std::string> read_password(std::string const& file);

}  // namespace splitmx::admin
