// What those who read and write the record of a QueueItem share: its version, times and words.
// Internal to the room: queue_item.hpp and summary.hpp are the doors.
#pragma once

#include "mail/clock.hpp"
#include "spool/record_lines.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace splitmx::spool {

inline constexpr unsigned record_version = 4;
inline constexpr unsigned version_without_moves = 3;
inline constexpr unsigned oldest_record_version = 1;
inline constexpr std::string_view version_field = "splitmx-item";

// The words of the enumerators, in their order.
inline constexpr std::array<std::string_view, 2> body_kind_words{"7bit", "8bit"};
inline constexpr std::array<std::string_view, 4> octets_words{
    "unknown", "7bit", "8bit", "8bit-header"};
inline constexpr std::array<std::string_view, 3> returns_words{"", "full", "headers"};
inline constexpr std::array<std::string_view, 2> body_place_words{"record", "file"};
inline constexpr std::array<std::string_view, 3> state_words{"pending", "delivered", "failed"};

// Nanoseconds since 1970.
std::int64_t to_number(mail::Instant at);
mail::Instant to_instant(std::int64_t number);

// Takes the first line. Errors: damaged, wrong_version.
Result<unsigned> read_version(RecordReader& in);

}  // namespace splitmx::spool
