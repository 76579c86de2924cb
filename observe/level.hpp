// How much an event matters to whoever reads the log. Threads: pure functions.
#pragma once

#include "observe/event.hpp"

#include <string_view>

namespace splitmx::observe {

enum class Level { debug, info, warn, error };

std::string_view to_text(Level level);

Level level_of(Event const& event);

}  // namespace splitmx::observe
