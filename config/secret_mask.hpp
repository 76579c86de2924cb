// Secrets that stand in a configuration file itself must not travel with its findings into logs.
// Threads: free function.
#pragma once

#include "config/document.hpp"

#include <string>

namespace splitmx::config {

// The text of the file with such values replaced by stars, so that every place in it stays the
// same.
std::string mask_secrets(std::string source, Table const& document);

}  // namespace splitmx::config
