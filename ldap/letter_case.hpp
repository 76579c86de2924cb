// Text as names compare it: ASCII letters in lower case (RFC 4512 2.5). Values; no threads.
#pragma once

#include <string>
#include <string_view>

namespace splitmx::ldap {

[[nodiscard]] constexpr char lower_case(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Equal where equal_no_case (entry.hpp) is.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace splitmx::ldap
