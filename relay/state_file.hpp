// Small files of the state directory, such as the paused hosts: read and written whole. A new text
// goes to a file of its own that then takes the place of the old one.
// Threads: any, one at a time for a file. Errors: `what` names the file and the reason.
#pragma once

#include "mail/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::relay {

mail::Error about_file(std::filesystem::path const& file, std::string const& why);

// nullopt: there is none.
mail::Result<std::optional<std::string>> read_state_file(std::filesystem::path const& file);
// Durable when it returns.
mail::Result<void> write_state_file(std::filesystem::path const& file, std::string_view text);

}  // namespace splitmx::relay
