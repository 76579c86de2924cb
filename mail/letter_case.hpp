// Letters of US-ASCII without regard to case: how domains, commands, header fields and types are
// compared (RFC 5321 2.4, RFC 4343). Octets above 127 are no letters here; LocalPart::key() has the
// rules for those.
// Threads: pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace splitmx::mail {

constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = to_lower(c);
    return lower;
}

constexpr bool equal_no_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return to_lower(x) == to_lower(y);
    });
}

constexpr bool starts_with_no_case(std::string_view text, std::string_view prefix) noexcept {
    return equal_no_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace splitmx::mail
