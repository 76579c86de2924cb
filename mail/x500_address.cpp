#include "mail/x500_address.hpp"

#include "mail/octets.hpp"

#include <algorithm>

namespace splitmx::mail {

namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decoded(std::string_view encoded) {
    std::string octets;
    octets.reserve(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] == '_') {
            octets += '/';
            continue;
        }
        bool const is_escape = encoded[i] == '+' && encoded.size() - i > 2 &&
                               digit_of(encoded[i + 1]) >= 0 && digit_of(encoded[i + 2]) >= 0;
        if (!is_escape) {
            octets += encoded[i];
            continue;
        }
        octets += static_cast<char>(digit_of(encoded[i + 1]) * 16 + digit_of(encoded[i + 2]));
        i += 2;
    }
    return octets;
}

// Two digits are one character, says MS-OXCMAIL; writers that mean UTF-8 are understood, too.
std::string latin_1_to_utf8(std::string_view octets) {
    std::string text;
    for (char const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet < 0x80) {
            text += c;
            continue;
        }
        text += static_cast<char>(0xC0U | (octet >> 6U));
        text += static_cast<char>(0x80U | (octet & 0x3FU));
    }
    return text;
}

}  // namespace

std::optional<X500Address> X500Address::parse(std::string_view text) {
    if (!text.starts_with('/') || text.find('=') == std::string_view::npos) return std::nullopt;
    // The same octets are allowed in it.
    if (!LocalPart::from_value(text)) return std::nullopt;
    return X500Address(std::string(text));
}

std::optional<X500Address> encapsulated_in(LocalPart const& local_part) {
    std::string_view const text = local_part.value();
    if (!is_encapsulated(text)) return std::nullopt;
    auto const divider = text.find('-');
    auto const type =
        fold_case(text.substr(encapsulation_prefix.size(), divider - encapsulation_prefix.size()));
    if (type != "ex" && type != "x500") return std::nullopt;
    auto const octets = decoded(text.substr(divider + 1));
    if (auto address = X500Address::parse(octets)) return address;
    return has_high_octets(octets) ? X500Address::parse(latin_1_to_utf8(octets)) : std::nullopt;
}

}  // namespace splitmx::mail
