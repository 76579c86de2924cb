// The secret that a key names, read; one that stands in the file itself is warned of, and so is a file
// that others can read: unlike the key of [tls], which is refused, since mail would stop for it.
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
