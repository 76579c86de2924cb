// The hosts that an operator has paused, in a small file of the state directory: a pause outlives
// restarts. One line a host: its hop, when, and why; escaped so that a line is a line.
// Threads: any, one at a time. Errors: `what` names the file and the reason.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace splitmx::relay {

struct Pause {
    mail::Instant since;
    std::string reason;

    bool operator==(Pause const&) const = default;
};

using Pauses = std::map<std::string, Pause>;  // by hop

std::string to_text(Pauses const& pauses);
mail::Result<Pauses> parse_pauses(std::string_view text);

// No file: nothing is paused.
mail::Result<Pauses> read_pauses(std::filesystem::path const& file);
// Durable when it returns.
mail::Result<void> write_pauses(std::filesystem::path const& file, Pauses const& pauses);

}  // namespace splitmx::relay
