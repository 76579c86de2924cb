// `splitmx resolve`: where would this go, and why? Decided by the code that routes.
// Threads: blocking, for a command-line program. Errors: as exit codes; findings of the
// configuration on `error`. Source: contract of `splitmx resolve`.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/streams.hpp"
#include "admin/verb.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "control/asking.hpp"

namespace splitmx::admin {

struct ResolveOptions {
    std::filesystem::path config;
    std::vector<std::string> addresses;  // "-": read them from `input`, one a line
    control::AskedWith with;
    bool explain = false;
    bool json = false;
};

// Answered by the running relay, from its own state.
ExitCode resolve_online(
    ResolveOptions const& options, GlobalFlags const& global, Streams const& streams
);
ExitCode resolve_offline(ResolveOptions const& options, Streams const& streams);

}  // namespace splitmx::admin
