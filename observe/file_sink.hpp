// A file that whole lines are appended to, or standard error. Internal to the room.
// Threads: as spdlog's sinks. Errors: the file cannot be opened.
#pragma once

#include "mail/result.hpp"

#include <spdlog/sinks/sink.h>

#include <filesystem>
#include <memory>
#include <optional>

namespace splitmx::observe {

// None: standard error.
mail::Result<std::shared_ptr<spdlog::sinks::sink>> open_sink(
    std::optional<std::filesystem::path> const& file
);

}  // namespace splitmx::observe
