// Values of ESMTP parameters that hold any text: xtext, where an octet may stand as +XX, and the
// forms of UTF-8 addresses, where a character may stand as \x{XXXX}.
// Threads: pure functions. Errors: none for what is malformed. Source: RFC 3461 4, RFC 6533 3.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::mail {

std::string to_xtext(std::string_view octets);
std::optional<std::string> from_xtext(std::string_view text);

// utf-8-addr-xtext: ASCII alone. Requires: valid UTF-8.
std::string to_utf8_addr_xtext(std::string_view address);
// From utf-8-addr-xtext, and from utf-8-addr-unitext, where UTF-8 stands as it is.
std::optional<std::string> from_utf8_addr(std::string_view text);

}  // namespace splitmx::mail
