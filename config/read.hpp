// From a file to a Config: the front door of this room. All errors of the file are found in one
// run. Relative paths start in the file's folder. Besides the file, this reads secrets, LDIF files
// and the machine's name. Threads: free function; touches only files and the environment. Errors:
// in the result, with places.
#pragma once

#include "config/check.hpp"
#include "config/config.hpp"
#include "config/finding.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::config {

struct Loaded {
    std::optional<Config> config;    // none when there are errors
    std::vector<EffectiveKey> keys;  // as in Config; there also with errors, but those of syntax
    Findings findings;               // in the order of the file
    std::string report;              // the findings as text, for standard error; empty without any
};

// `file` is named in findings and sources exactly as it is given here.
Loaded load(std::filesystem::path const& file, Purpose purpose);

// What a relay runs by, from the text that it gave of it (effective_text()) and the path of its
// file. It was checked when the relay took it: what cannot be read from here, such as secrets, is
// left out without a word. None: it is no such text.
std::optional<Config> read_running(std::string const& text, std::filesystem::path const& file);

// Where a relay has its control socket whose file says nothing of it.
std::filesystem::path default_control_socket();

// Where the relay with this file has its control socket: also when other values are wrong. Else the
// findings as text: it cannot be read, or it is no TOML.
std::variant<std::filesystem::path, std::string> control_socket(std::filesystem::path const& file);

}  // namespace splitmx::config
