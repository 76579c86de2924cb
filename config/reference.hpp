// Texts made from the table of keys: the file that `splitmx config default` prints, docs/config.md,
// and the explanation of one key. Threads: free functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::config {

// TOML with every key: those that a first configuration needs, and the others as comments with
// their defaults. It can be loaded as it is.
std::string default_file();

std::string reference_markdown();

// For "max_hops" or "server.max_hops"; every section that has the key. None when there is no such
// key.
std::optional<std::string> explain_key(std::string_view name);

}  // namespace splitmx::config
