// Questions about many octets, asked of eight at a time: of content, and of texts that each message
// has in great number.
// Threads: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace splitmx::mail {

constexpr std::uint64_t in_all(std::uint64_t octet) { return octet * 0x0101010101010101; }

// Of eight octets, whether one is below `limit`, which is at most 128.
constexpr bool any_below(std::uint64_t eight, std::uint64_t limit) {
    return ((eight - in_all(limit)) & ~eight & in_all(0x80)) != 0;
}

// Whether one is above `limit`, which is at most 127.
constexpr bool any_above(std::uint64_t eight, std::uint64_t limit) {
    return (((eight + in_all(127 - limit)) | eight) & in_all(0x80)) != 0;
}

constexpr bool any_is(std::uint64_t eight, std::uint64_t octet) {
    return any_below(eight ^ in_all(octet), 1);
}

template <class Number>
std::uint64_t octets_at(char const* at) {
    Number octets = 0;
    std::memcpy(&octets, at, sizeof octets);
    return octets;
}

// The octets of a text of one to seven, some of them twice.
inline std::uint64_t octets_of_few(std::string_view few) {
    if (few.size() >= 4) {
        auto const last = octets_at<std::uint32_t>(few.data() + few.size() - 4);
        return octets_at<std::uint32_t>(few.data()) | last << 32;
    }
    auto const octet = [&](std::size_t at) -> std::uint64_t {
        return static_cast<unsigned char>(few[at]);
    };
    auto const four =
        octet(0) | octet(few.size() / 2) << 8 | octet(few.size() - 1) << 16 | octet(0) << 24;
    return four | four << 32;
}

// Whether a predicate holds of all octets of a text. It is asked about eight octets at a time, in
// no order, and about some of them twice.
template <class Predicate>
bool all_eights(std::string_view text, Predicate holds) {
    constexpr auto step = sizeof(std::uint64_t);
    if (text.size() < step) return text.empty() || holds(octets_of_few(text));
    auto const last = text.size() - step;
    for (std::size_t at = 0; at < last; at += step) {
        if (!holds(octets_at<std::uint64_t>(text.data() + at))) return false;
    }
    return holds(octets_at<std::uint64_t>(text.data() + last));
}

constexpr bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Whether an octet of UTF-8 goes on with a character that began before (RFC 3629 3).
constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Whether one of them is above 127 (RFC 6152: 8bit content).
inline bool has_high_octets(std::string_view octets) {
    constexpr auto step = sizeof(std::uint64_t);
    if (octets.size() < step) return !octets.empty() && any_above(octets_of_few(octets), 127);
    auto const word = [&](std::size_t at) { return octets_at<std::uint64_t>(octets.data() + at); };
    auto const last = octets.size() - step;
    auto all = word(last);
    std::size_t at = 0;
    for (; at + 4 * step <= last; at += 4 * step) {
        all |= (word(at) | word(at + step)) | (word(at + 2 * step) | word(at + 3 * step));
    }
    for (; at < last; at += step) all |= word(at);
    return any_above(all, 127);
}

// Whether all are printable US-ASCII, a blank among them.
inline bool is_printable_ascii(std::string_view text) {
    return all_eights(text, [](std::uint64_t eight) {
        return !any_below(eight, ' ') && !any_above(eight, '~');
    });
}

}  // namespace splitmx::mail
