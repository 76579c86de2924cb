// Which files the relay works with, by its configuration and as a program of this system: what its
// sandbox leaves in reach. Folders rather than files, because a file is replaced by another one of
// its name when a certificate is renewed or a configuration edited.
// Threads: free functions, which follow symbolic links on the disk. Errors: none; what is not there
// is left out.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <vector>

namespace splitmx::relay {

// Absolute and without symbolic links.
using Places = std::vector<std::filesystem::path>;

struct Reach {
    Places read;   // these, and all below them
    Places write;  // may be read, too
};

Reach reach_of(config::Config const& config);

bool covers(Places const& places, std::filesystem::path const& file);

}  // namespace splitmx::relay
