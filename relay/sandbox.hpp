// Takes from this process, for good, all of the file system that its configuration does not need:
// who breaks into the relay finds neither other services' files nor programs to run.
// Threads: enter_sandbox() on the only thread; those that are started later inherit it.
// Errors: none stops the relay; where the kernel cannot do it, or must not, `why_not` says so.
// Source: Linux's Landlock (landlock(7)); docs/adr/0040-sandbox.md.
#pragma once

#include "config/read.hpp"
#include "relay/reach.hpp"

#include <string>
#include <vector>

namespace splitmx::relay {

struct Sandbox {
    int version = 0;      // of the kernel's Landlock; 0: there is no sandbox
    std::string why_not;  // empty in a sandbox
    Reach reach;

    bool is_on() const { return version > 0; }
};

// Makes the folders that the relay writes to, as far as it may: only what is there can be left in
// reach.
Sandbox enter_sandbox(config::Config const& config);

// One line for the log.
std::string to_text(Sandbox const& sandbox);

// Files of another configuration that the process can no longer reach, one sentence each.
std::vector<std::string> files_beyond(Sandbox const& sandbox, config::Loaded const& other);

}  // namespace splitmx::relay
