// The few pieces of BER (RFC 4511 5.1) that the values of controls are made of: definite lengths,
// one-octet tags.
//
// A reader walks over octets from a server, so nothing in them is believed: what does not fit gives
// nothing, and the reader stays where it is. Views point into the octets given. Values; no threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::ldap::ber {

using Tag = std::uint8_t;

inline constexpr Tag boolean = 0x01;
inline constexpr Tag integer = 0x02;
inline constexpr Tag octet_string = 0x04;
inline constexpr Tag enumerated = 0x0a;
inline constexpr Tag sequence = 0x30;
inline constexpr Tag set = 0x31;

class Reader {
public:
    explicit Reader(std::string_view octets) noexcept : rest_(octets) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    // Whether an element with this tag is next; nothing about whether it is whole.
    [[nodiscard]] bool next_is(Tag tag) const noexcept;

    // The content of the next element, if it has this tag and is whole.
    [[nodiscard]] std::optional<std::string_view> content(Tag tag) noexcept;
    // INTEGER or ENUMERATED of at most 32 bits.
    [[nodiscard]] std::optional<std::int32_t> number(Tag tag) noexcept;
    [[nodiscard]] std::optional<bool> truth() noexcept;

private:
    std::string_view rest_;
};

// An element, for the content of another.
[[nodiscard]] std::string element(Tag tag, std::string_view content);
[[nodiscard]] std::string number(Tag tag, std::int32_t value);

}  // namespace splitmx::ldap::ber
