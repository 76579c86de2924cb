// The sentences of a report: what happened to one recipient, and what the sender can do about it.
// Internal to the mail room; `build_dsn` is the door.
// Threads: pure functions. Source: Q246881 (name the address that was typed).
#pragma once

#include "mail/dsn.hpp"

#include <string>

namespace splitmx::mail {

struct Explanation {
    std::string what;    // one sentence
    std::string advice;  // one or two sentences
};

// On one line, not folded.
Explanation explanation_for(DsnRecipient const& recipient, DsnInput const& input);

}  // namespace splitmx::mail
