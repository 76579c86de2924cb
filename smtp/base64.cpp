#include "smtp/base64.hpp"

#include <cstdint>

namespace splitmx::smtp {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view octets) {
    std::string text;
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        auto const group = octets.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8U;
            if (i < group.size()) bits |= static_cast<unsigned char>(group[i]);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 63U] : '=';
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string octets;
    for (std::size_t at = 0; at < text.size(); at += 4) {
        auto group = text.substr(at, 4);
        bool const is_last = at + 4 == text.size();
        std::size_t padding = 0;
        while (is_last && padding < 2 && group.ends_with('=')) {
            group.remove_suffix(1);
            ++padding;
        }
        std::uint32_t bits = 0;
        for (char const c : group) {
            auto const value = alphabet.find(c);
            if (value == std::string_view::npos) return std::nullopt;
            bits = bits << 6U | static_cast<std::uint32_t>(value);
        }
        bits <<= 6 * padding;
        for (std::size_t i = 0; i < 3 - padding; ++i) {
            octets += static_cast<char>(bits >> (16 - 8 * i) & 255U);
        }
    }
    // Octets behind the last whole one, in its padding, would let one secret have many forms.
    if (to_base64(octets) != text) return std::nullopt;
    return octets;
}

}  // namespace splitmx::smtp
