// A configuration as it counts, in TOML: what the file says, and the defaults beside it.
// Secrets are never in it. Threads: free function of values. Errors: none.
#pragma once

#include "config/config.hpp"

#include <string>

namespace splitmx::config {

struct ShowOptions {
    bool origin = false;    // behind each key where its value comes from: a line of the file, or default
    bool set_only = false;  // without the defaults
};

// Reads as a configuration file again, but for secrets that stood in the file itself: defaults are
// behind "#", since not every key may stand beside every other. Those that TOML cannot say are told
// in words.
std::string effective_text(Config const& config, ShowOptions const& options);

}  // namespace splitmx::config
