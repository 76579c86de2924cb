// The words that the table and the page of one message have in common.
// Threads: pure functions.
#pragma once

#include "queue/text.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace splitmx::queue {

std::string readable(std::string const& text);  // whatever came from outside
std::string sender_text(Row const& row);
std::string counted(std::size_t count, std::string_view noun);

// Whether a recipient is still to be reached, or is all that is known of a damaged message.
bool is_open(Row const& row, RecipientRow const& recipient);

// Why it is where it is, in a few words. `recipient`: null for the message as a whole.
std::string answer_of(Row const& row, RecipientRow const* recipient, HostNotes const& hosts);

}  // namespace splitmx::queue
