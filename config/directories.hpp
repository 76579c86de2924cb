// The sections [directory.NAME]: what belongs together in one, its profile, and its secret.
// An LDIF file is read once here, so that a broken one is found before it is needed.
// Threads: free function; reads files. Errors: all of them, as findings.
#pragma once

#include "config/config.hpp"
#include "config/document.hpp"
#include "config/finding.hpp"
#include "config/section.hpp"

#include <vector>

namespace splitmx::config {

// `host_names` are those of [host.NAME].
// Fills Directory::setup.
void add_setups(
    std::vector<EffectiveKey> const& keys,
    std::vector<std::string> const& host_names,
    std::vector<Directory>& directories
);

std::vector<Directory> read_directories(
    Table const& document,
    FileOrigin const& origin,
    std::vector<std::string> const& host_names,
    Findings& findings
);

}  // namespace splitmx::config
