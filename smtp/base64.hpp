// Base64 as AUTH uses it: one line, padded, nothing else in it.
// Threads: pure functions. Source: RFC 4648 4, RFC 4954 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::smtp {

std::string to_base64(std::string_view octets);

// None unless it is the one way to write these octets.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace splitmx::smtp
