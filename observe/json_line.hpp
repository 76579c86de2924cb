// An event as one JSON object, for `log.format = "json"` (JSON Lines). Stable: `time` (UTC), `level`,
// `event` (the word of the human form), `id` where there is one, then the event's own members, which
// are listed in docs/logs.md. Members may be added; readers ignore those they do not know.
// Threads: pure functions. Source: RFC 8259.
#pragma once

#include "mail/clock.hpp"
#include "observe/event.hpp"
#include "observe/level.hpp"

#include <string>
#include <string_view>

namespace splitmx::observe {

// Without the line end.
std::string to_json_line(Event const& event, mail::Instant now);
// For what is no event: `event` is "note", with `component` and `text`.
std::string to_json_line(
    Level level, std::string_view component, std::string_view text, mail::Instant now
);

}  // namespace splitmx::observe
