// What kind of place a command prints to, and the one question that it may ask. Threads: any.
#pragma once

#include "admin/streams.hpp"

#include <cstddef>
#include <ostream>
#include <string>

namespace splitmx::admin {

// Columns of the terminal behind this stream; 0: it is none. $COLUMNS goes before what it says.
std::size_t terminal_width(std::ostream const& output);

// "question [y/N] " on standard error. No answer is a no.
bool is_confirmed(std::string const& question, Streams const& streams);

}  // namespace splitmx::admin
