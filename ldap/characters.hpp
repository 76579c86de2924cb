// Classes of characters that names and filters are made of (RFC 4512 1.4). Values; no threads.
#pragma once

namespace splitmx::ldap {

[[nodiscard]] constexpr bool is_alpha(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace splitmx::ldap
