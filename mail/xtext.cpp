#include "mail/xtext.hpp"

#include "mail/octets.hpp"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <charconv>

namespace splitmx::mail {

namespace {

constexpr std::string_view code_point_opening = "\\x{";

// xchar of RFC 3461 4: "!" to "~" without "+" and "=".
bool is_plain(char c) { return c > ' ' && c <= '~' && c != '+' && c != '='; }

// QCHAR of RFC 6533 3.
bool is_plain_in_address(char c) { return is_plain(c) && c != '\\'; }

std::optional<utf8proc_int32_t> read_hex(std::string_view digits) {
    bool const is_hex = std::all_of(digits.begin(), digits.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    });
    utf8proc_int32_t number = 0;
    auto const end = digits.data() + digits.size();
    if (!is_hex || std::from_chars(digits.data(), end, number, 16).ptr != end) return std::nullopt;
    return number;
}

// "\x{XX}" at the front of `text`, which is taken away.
std::optional<std::string> take_embedded(std::string_view& text) {
    auto const close = text.find('}');
    if (close == std::string_view::npos) return std::nullopt;
    auto const digits = text.substr(code_point_opening.size(), close - code_point_opening.size());
    if (digits.size() < 2 || digits.size() > 6) return std::nullopt;
    auto const point = read_hex(digits);
    if (!point || !utf8proc_codepoint_valid(*point)) return std::nullopt;
    text.remove_prefix(close + 1);
    utf8proc_uint8_t octets[4];
    auto const length = utf8proc_encode_char(*point, octets);
    return std::string(reinterpret_cast<char const*>(octets), static_cast<std::size_t>(length));
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        auto const used = utf8proc_iterate(
            reinterpret_cast<utf8proc_uint8_t const*>(text.data()),
            static_cast<utf8proc_ssize_t>(text.size()),
            &point
        );
        if (used <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(used));
    }
    return true;
}

}  // namespace

std::string to_xtext(std::string_view octets) {
    std::string out;
    for (char const c : octets) {
        if (is_plain(c))
            out += c;
        else
            out += fmt::format("+{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::optional<std::string> from_xtext(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_plain(text[i])) {
            out += text[i];
            continue;
        }
        auto const digits = text.substr(i + 1, 2);
        auto const octet = read_hex(digits);
        if (text[i] != '+' || digits.size() != 2 || !octet) return std::nullopt;
        out += static_cast<char>(*octet);
        i += 2;
    }
    return out;
}

std::string to_utf8_addr_xtext(std::string_view address) {
    std::string out;
    while (!address.empty()) {
        if (is_plain_in_address(address.front())) {
            out += address.front();
            address.remove_prefix(1);
            continue;
        }
        utf8proc_int32_t point = 0;
        auto const used = utf8proc_iterate(
            reinterpret_cast<utf8proc_uint8_t const*>(address.data()),
            static_cast<utf8proc_ssize_t>(address.size()),
            &point
        );
        if (used <= 0) return out;
        out += fmt::format("\\x{{{:02X}}}", static_cast<unsigned>(point));
        address.remove_prefix(static_cast<std::size_t>(used));
    }
    return out;
}

std::optional<std::string> from_utf8_addr(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (is_plain_in_address(text.front()) || is_high(text.front())) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        if (!text.starts_with(code_point_opening)) return std::nullopt;
        auto const character = take_embedded(text);
        if (!character) return std::nullopt;
        out += *character;
    }
    if (!is_utf8(out)) return std::nullopt;
    return out;
}

}  // namespace splitmx::mail
