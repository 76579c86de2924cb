// splitmx.toml(5), in the language of scdoc: every section and key of the table of keys.
// Threads: free function. Source: config_keys.hpp.
#pragma once

#include <string>

namespace splitmx::config {

std::string manual_page();

}  // namespace splitmx::config
