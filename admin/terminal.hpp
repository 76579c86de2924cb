// What kind of place a command prints to. Threads: any.
#pragma once

#include <cstddef>
#include <ostream>

namespace splitmx::admin {

// Columns of the terminal behind this stream; 0: it is none. $COLUMNS goes before what it says.
std::size_t terminal_width(std::ostream const& output);

}  // namespace splitmx::admin
