// The file of the administrator's own tests, which [routing] tests names. Threads: pure function.
#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <optional>

namespace splitmx::config {

// None: the configuration names no such file.
std::optional<std::filesystem::path> routing_tests_file(Config const& config);

}  // namespace splitmx::config
