// The files of a new configuration: tried out where nobody looks, then put in place, each whole or
// not at all. What was there before is kept beside it. Who runs as root leaves files that the
// relay's user can read, and nobody else but its group. Threads: blocking. Errors: one line with
// the file's name.
#pragma once

#include "config/read.hpp"
#include "mail/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace splitmx::admin {

inline constexpr char const* service_user = "splitmx";
inline constexpr char const* password_file_name = "directory-password";

// What becomes of a configuration with this text, read as `splitmx config check` reads it. A secret
// of password_file_name is there for it. Fails when there is no room for a file in the system's
// folder for such things.
mail::Result<config::Loaded> try_configuration(std::string const& text);

struct SetupFiles {
    std::filesystem::path config;
    std::string text;
    std::optional<std::string> password;  // beside it, in a file of its own, with mode 0600
};

struct WrittenFiles {
    std::optional<std::filesystem::path> kept;  // the configuration that was there
    std::string remark;                         // about their owner; may be empty
};

std::filesystem::path password_file_of(std::filesystem::path const& config);
mail::Result<WrittenFiles> write_files(SetupFiles const& files);

}  // namespace splitmx::admin
