// Asks for a line that nobody is to read over somebody's shoulder: typed at a terminal without its
// echo, or the next line of any other input. The terminal is left as it was, also by Ctrl-C.
// Threads: one; blocking. Errors: nothing where the input ended, or was interrupted. Source:
// termios(3).
#pragma once

#include "admin/streams.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::admin {

std::optional<std::string> read_hidden(std::string_view prompt, Streams const& streams);

}  // namespace splitmx::admin
