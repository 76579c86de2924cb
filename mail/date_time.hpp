// Instants as text, always in UTC.
// Threads: pure functions. Source: RFC 5322 3.3, RFC 3339.
#pragma once

#include "mail/clock.hpp"

#include <array>
#include <string>

namespace splitmx::mail {

std::string to_date_time(Instant instant);  // "Sat, 21 Nov 2026 09:12:44 +0000"
std::string to_timestamp(Instant instant);  // "2026-11-21T09:12:44.120Z"

using Timestamp = std::array<char, 24>;
Timestamp timestamp(Instant instant);  // the same

// "5 days", "4 hours", "90 minutes", "less than a minute": in the largest unit of which there are
// at least two.
std::string to_words(Duration duration);
// For a column: "40 s", "14 min", "3 h", "9 d"; a unit begins at two of it.
std::string to_short_words(Duration duration);

}  // namespace splitmx::mail
