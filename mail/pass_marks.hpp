// Marks that a relay leaves in its own trace field: one for each copy of the message, of its
// address and of the host it goes to. A message that comes back carries them, so the relay knows
// that it is about to send the same address to the same host again: a loop, at its first second
// pass. A mark is keyed: nobody else can make one, or learn from it who the recipients are (RFC
// 5321 7.2 keeps blind copies out of trace fields). They stand in a comment: "(pass 7RTQ2M5K
// 0A3WZE9C)". Threads: pure functions. Source: RFC 5321 6.3; ADR 0013.
#pragma once

#include "mail/sip_hash.hpp"

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace splitmx::mail {

// Beyond that the field would be too long for some servers; the hop limit ends such loops.
inline constexpr std::size_t most_marks = 200;

// `rcpt`: as in RCPT TO; its spelling does not count. `host`: its stable name here.
std::string pass_mark(SipKey const& key, std::string_view rcpt, std::string_view host);
// The comment, on one line; empty when there are no marks. Repeated ones stand once.
std::string marks_comment(std::span<std::string const> marks);
// What the comments of a trace field hold, marks or not: whoever has the key knows its own.
std::set<std::string> marks_in(std::string_view trace_field);

}  // namespace splitmx::mail
