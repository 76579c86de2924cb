// Time as a parameter. Nothing below the shells reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace splitmx::mail {

using Instant = std::chrono::system_clock::time_point;  // wall clock, for queues and trace fields
using Duration = std::chrono::milliseconds;

// Whole seconds since 1970, as documents and other programs count them.
inline std::int64_t to_seconds(Instant instant) {
    return std::chrono::duration_cast<std::chrono::seconds>(instant.time_since_epoch()).count();
}

inline Duration to_duration(std::chrono::steady_clock::duration time) {
    return std::chrono::duration_cast<Duration>(time);
}

}  // namespace splitmx::mail
