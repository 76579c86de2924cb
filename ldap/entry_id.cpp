#include "ldap/entry_id.hpp"

#include <algorithm>
#include <cstring>

namespace splitmx::ldap {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

[[nodiscard]] std::optional<unsigned> value_of(char c) noexcept {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    auto const at = digits.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(at);
}

// FNV-1a over 64 bits.
[[nodiscard]] std::uint64_t hash_of(std::string_view text, std::uint64_t start) noexcept {
    for (char const c : text) {
        start ^= static_cast<unsigned char>(c);
        start *= 0x100000001b3U;
    }
    return start;
}

}  // namespace

std::optional<EntryId> EntryId::from_octets(std::string_view octets) noexcept {
    if (octets.size() != size) return std::nullopt;
    Octets out{};
    std::memcpy(out.data(), octets.data(), size);
    return EntryId(out);
}

std::optional<EntryId> EntryId::parse(std::string_view text) noexcept {
    Octets out{};
    std::size_t count = 0;
    while (!text.empty()) {
        if (text.front() == '-' && count > 0 && count < size) {
            text.remove_prefix(1);
        }
        if (count == size || text.size() < 2) return std::nullopt;
        auto const high = value_of(text[0]);
        auto const low = value_of(text[1]);
        if (!high || !low) return std::nullopt;
        out[count++] = static_cast<std::uint8_t>(*high << 4U | *low);
        text.remove_prefix(2);
    }
    if (count != size) return std::nullopt;
    return EntryId(out);
}

EntryId EntryId::from_dn(Dn const& dn) noexcept {
    // Two hashes with different starts and, for the second, the length: 128 bits for names that
    // nobody chooses in order to make them meet.
    Octets out{};
    auto const first = hash_of(dn.key(), 0xcbf29ce484222325U);
    auto const second = hash_of(dn.key(), 0x9e3779b97f4a7c15U ^ dn.key().size()) ^ first >> 32U;
    std::memcpy(out.data(), &first, sizeof first);
    std::memcpy(out.data() + sizeof first, &second, sizeof second);
    return EntryId(out);
}

std::string EntryId::text() const {
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < size; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
        out.push_back(digits[octets_[i] >> 4U]);
        out.push_back(digits[octets_[i] & 0xfU]);
    }
    return out;
}

}  // namespace splitmx::ldap

// An id may be anything a server sends, and time-based UUIDs of one load differ in few octets only.
std::size_t std::hash<splitmx::ldap::EntryId>::operator()(splitmx::ldap::EntryId const& id
) const noexcept {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::memcpy(&first, id.octets().data(), sizeof first);
    std::memcpy(&second, id.octets().data() + sizeof first, sizeof second);
    auto mixed = (first ^ (second * 0x9e3779b97f4a7c15U)) * 0xbf58476d1ce4e5b9U;
    mixed ^= mixed >> 32U;
    return static_cast<std::size_t>(mixed);
}
