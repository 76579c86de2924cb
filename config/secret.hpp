// The secret that a key names, read; one that stands in the file itself is warned of.
// Threads: free function, which touches the files that the key names. Errors: findings, and none.
#pragma once

#include "config/finding.hpp"
#include "config/section.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::config {

std::optional<std::string> secret_of(
    Section const& section, std::string_view key, FileOrigin const& origin, Findings& findings
);

}  // namespace splitmx::config
