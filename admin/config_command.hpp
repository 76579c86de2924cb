// `splitmx config check|show|default|explain`. Threads: blocking. Errors: findings on `error`, exit 78.
// Source: contract of `splitmx config check`.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/streams.hpp"
#include "config/show.hpp"

#include <filesystem>
#include <ostream>
#include <string>

namespace splitmx::admin {

// `strict`: warnings alone are exit 1.
ExitCode check_config(std::filesystem::path const& file, bool strict, std::ostream& error);
// The configuration as it counts, with its defaults; secrets are never in it.
ExitCode show_config(
    std::filesystem::path const& file, config::ShowOptions const& options, Streams const& streams
);
ExitCode print_default_config(std::ostream& output);
ExitCode explain_config_key(std::string const& key, std::ostream& output, std::ostream& error);

}  // namespace splitmx::admin
