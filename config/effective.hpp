// What a configuration says beyond the defaults, key by key, as an administrator reads it; and what
// is different between two of them.
// Secrets are never in a text: only where they come from, and whether they are other ones.
// Threads: free functions of values; reading touches the files that keys name. Errors: none; what
// cannot be read is empty. Source: contract of the configuration keys.
#pragma once

#include "config/config_keys.hpp"
#include "config/document.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::config {

struct EffectiveKey {
    KeyInfo const* info = nullptr;
    std::string section;          // "[server]", "[host.notes]", "[[listen]] internet"
    std::string value;            // TOML
    std::string behind;           // stands for what a secret or a file holds; not for people
    std::size_t line = 0;         // of the file
    std::filesystem::path reads;  // what the relay reads because of it, now and later; else empty
};

// Those that are not as by default, in the order of the table of keys, then of the file.
// `folder`: where relative paths start.
std::vector<EffectiveKey> effective_keys(
    Table const& document, std::filesystem::path const& folder
);

// Eight hexadecimal digits that tell configurations apart; nothing about secrets is in them.
std::string short_hash(std::vector<EffectiveKey> const& keys);

struct Change {
    enum class Kind { changed, contents, added, removed };
    Kind kind = Kind::changed;
    std::string section;
    std::string key;  // empty: the section is new, or gone
    std::string before;
    std::string after;
    bool at_restart = false;
};

std::vector<Change> differences(
    std::vector<EffectiveKey> const& before, std::vector<EffectiveKey> const& after
);

// "[limits] connections: 1000 -> 500"
std::string to_text(Change const& change);

}  // namespace splitmx::config
