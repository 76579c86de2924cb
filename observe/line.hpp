// An event as one line of the log: time, level, id, a word for the kind of event, and the rest.
//   2026-11-21T09:12:44.120Z info  8FQ2K7M1D4 decide   carl@contoso.com -> notes RCPT TO:<...>
// The first four columns are aligned and never hold blanks. No text from outside can end the line:
// everything goes through mail::to_log_text. The words are stable, for grep and scripts.
// Threads: pure functions.
#pragma once

#include "mail/clock.hpp"
#include "observe/event.hpp"
#include "observe/level.hpp"

#include <string>
#include <string_view>

namespace splitmx::observe {

// What an event says: the id (empty: of no message), the event's word, and the rest. The text is
// printable and has no line end.
struct Content {
    std::string_view id;  // lives as long as the event; any octets
    std::string_view word;
    std::string text;
};
Content content_of(Event const& event);

// Without the line end.
std::string to_line(Event const& event, mail::Instant now);
// For what is no event: `component` stands where the event's word would.
std::string to_line(
    Level level, std::string_view component, std::string_view text, mail::Instant now
);

}  // namespace splitmx::observe
