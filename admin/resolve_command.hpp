// `splitmx resolve`: where would this go, and why? Decided by the code that routes.
// Threads: blocking, for a command-line program. Errors: as exit codes; findings of the
// configuration on `error`. Source: contract of `splitmx resolve`.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/streams.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::admin {

struct ResolveOptions {
    std::filesystem::path config;
    std::vector<std::string> addresses;  // "-": read them from `input`, one a line
    std::string from = "someone@outside.invalid";
    std::string client = "192.0.2.1";
    std::string local_address;
    std::string listener;
    std::optional<std::string> identity;
    bool explain = false;
    bool json = false;
};

ExitCode resolve_offline(ResolveOptions const& options, Streams const& streams);

}  // namespace splitmx::admin
