// A decision for people: one line with the answer, and on request the steps that led to it.
// Fits 80 columns where the words allow. Not a format for scripts; that is decision_json.
// Threads: pure functions.
#pragma once

#include "directory/source.hpp"
#include "resolver/decision.hpp"

#include <string>
#include <string_view>

namespace splitmx::control {

// "zoe@contoso.com  ->  refused  550 5.1.1 ...  unknown_recipient"; a line more for each further
// copy.
std::string summary(std::string_view address, resolver::Decision const& decision);

// The summary, the numbered steps with their sources, and the reply.
std::string explanation(
    std::string_view address, resolver::Decision const& decision, directory::Health const& directory
);

// One more line behind those, such as "    answer     250 2.1.5 Recipient OK".
std::string explanation_line(std::string_view label, std::string_view text);

}  // namespace splitmx::control
