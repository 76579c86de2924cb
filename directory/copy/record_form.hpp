// The form of a record's octets, for the one who writes and the one who reads them: one octet of
// flags; where they say so, one text of extras (what it is for, foreign addresses by type, X500
// addresses); addresses, name, primary address, the address that is delivered to, target, mail
// host; then, where the flags say so, an alternate, restrictions and members, and remarks. Texts
// are compared in lower case. Internal. Threads: pure functions.
#pragma once

#include "directory/copy/hash.hpp"
#include "mail/letter_case.hpp"
#include "mail/mailbox.hpp"
#include "mail/octets.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace splitmx::directory::copy {

// The first octet.
inline constexpr unsigned kind_bits = 0x03;
inline constexpr unsigned disabled_bit = 0x04;
inline constexpr unsigned hidden_bit = 0x08;
inline constexpr unsigned both_bit = 0x10;
inline constexpr unsigned more_bit = 0x20;  // an alternate, restrictions or members follow
inline constexpr unsigned remarks_bit = 0x40;
inline constexpr unsigned extras_bit = 0x80;

inline bool is_ascii(std::string_view text) { return !mail::has_high_octets(text); }

inline std::string folded(std::string_view local_part) {
    if (!is_ascii(local_part)) {
        auto const part = mail::LocalPart::from_value(local_part);
        return part ? part->key() : std::string(local_part);
    }
    return mail::to_lower(local_part);
}

inline bool equals_folded(std::string_view local_part, std::string_view folded_one) {
    if (local_part.size() == folded_one.size() &&
        std::equal(local_part.begin(), local_part.end(), folded_one.begin(), [](char a, char b) {
            return mail::to_lower(a) == b;
        })) {
        return true;
    }
    return !is_ascii(local_part) && folded(local_part) == folded_one;
}

inline std::uint64_t address_hash(std::string_view folded_one, std::string_view domain) {
    return hash(domain, hash(folded_one));
}

// Far from every address's, whatever is in it: both are in one table.
inline std::uint64_t x500_hash(std::string_view key) {
    constexpr std::uint64_t seed = 500;
    return hash(key, seed);
}

inline bool is_lower_case_of(std::string_view key, std::string_view text) {
    return key.size() == text.size() &&
           std::equal(key.begin(), key.end(), text.begin(), [](char a, char b) {
               return a == mail::to_lower(b);
           });
}

}  // namespace splitmx::directory::copy
