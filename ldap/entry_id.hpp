// What an entry is known by for as long as it lives, whatever it is called: 16 octets.
//
// OpenLDAP and 389 send entryUUID (RFC 4530) or nsUniqueId with a content synchronisation, Active
// Directory has objectGUID. A server with none of them leaves the DN: an id made of it changes with
// a rename, which then looks like one entry gone and another one new. Ids of two servers are not
// comparable unless both replicate them. Values; no threads.
#pragma once

#include "ldap/dn.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::ldap {

class EntryId {
public:
    static constexpr std::size_t size = 16;  // octets
    using Octets = std::array<std::uint8_t, size>;

    // All zero: no entry has it.
    constexpr EntryId() = default;
    constexpr explicit EntryId(Octets const& octets) : octets_(octets) {}

    // As it travels in a control, and as objectGUID is kept. Nothing unless there are 16 octets.
    [[nodiscard]] static std::optional<EntryId> from_octets(std::string_view octets) noexcept;
    // 32 hexadecimal digits, with '-' between any two octets: entryUUID and nsUniqueId as text.
    [[nodiscard]] static std::optional<EntryId> parse(std::string_view text) noexcept;
    // For want of anything better: the same for equal DNs.
    [[nodiscard]] static EntryId from_dn(Dn const& dn) noexcept;

    [[nodiscard]] Octets const& octets() const noexcept { return octets_; }
    // 8-4-4-4-12 digits in lower case (RFC 4530 2.1).
    [[nodiscard]] std::string text() const;

    friend bool operator==(EntryId const&, EntryId const&) = default;
    friend auto operator<=>(EntryId const&, EntryId const&) = default;

private:
    Octets octets_{};
};

}  // namespace splitmx::ldap

template <>
struct std::hash<splitmx::ldap::EntryId> {
    std::size_t operator()(splitmx::ldap::EntryId const& id) const noexcept;
};
