// The words after `splitmx`: parsed, and handed to the command that they name.
// Threads: blocking, for main(). Errors: exit 64 with one line that says what to write instead.
// Source: contract of the programs; sysexits.h.
#pragma once

#include "admin/streams.hpp"
#include "admin/verb_tree.hpp"

namespace splitmx::admin {

// Every verb and flag there is.
VerbWords all_words();

int run(int argc, char const* const* argv, Streams const& streams);

}  // namespace splitmx::admin
