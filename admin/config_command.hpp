// `splitmx config check|show|test|diff|default|explain`. Threads: blocking. Errors: findings on
// `error`, exit 78. Source: contract of `splitmx config check`.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/streams.hpp"
#include "admin/verb.hpp"
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
// The routing tests that the file names, over the people that the relay knows, or with `offline`
// those of the directories themselves. 78: one fails, 75: one cannot be decided now.
struct TestOptions {
    std::string file;  // empty: --config
    std::string with_ldif;
    bool offline = false;
};
ExitCode test_config(TestOptions const& options, Context const& context);
// What `then` says otherwise than `now`; either may be empty: the running relay, and --config. Exit
// 1 when there is anything.
struct DiffOptions {
    std::string now;
    std::string then;
    bool json = false;
};
ExitCode diff_config(DiffOptions const& options, Context const& context);
ExitCode print_default_config(std::ostream& output);
ExitCode explain_config_key(std::string const& key, std::ostream& output, std::ostream& error);

}  // namespace splitmx::admin
