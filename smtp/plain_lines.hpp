// The content that nearly all content is: looked at by whole blocks, so that DataReader sees single
// octets only where a line is out of the ordinary. Internal to the room.
// Threads: pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace splitmx::smtp {

// How many octets from the front hold nothing but lines with CRLF and no dot at their start: a
// multiple of 64, possibly less than there are. They may end anywhere, also behind a CR.
// Requires: the first octet is within a line, and none is NUL.
std::size_t plain_octets(std::string_view octets);

}  // namespace splitmx::smtp
