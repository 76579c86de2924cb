// Time as a parameter. Nothing below the shells reads a clock.
#pragma once

#include <chrono>

namespace splitmx::mail {

using Instant = std::chrono::system_clock::time_point;  // wall clock, for queues and trace fields
using Duration = std::chrono::milliseconds;

}  // namespace splitmx::mail
