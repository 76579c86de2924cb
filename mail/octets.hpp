// Questions about the octets of content, of any size.
// Threads: pure.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace splitmx::mail {

// Whether one of them is above 127 (RFC 6152: 8bit content).
inline bool has_high_octets(std::string_view octets) {
    std::uint64_t all = 0;
    for (std::array<std::uint64_t, 4> some{}; octets.size() >= sizeof some;
         octets.remove_prefix(sizeof some)) {
        std::memcpy(some.data(), octets.data(), sizeof some);
        all |= (some[0] | some[1]) | (some[2] | some[3]);
    }
    for (std::uint64_t eight = 0; octets.size() >= sizeof eight;
         octets.remove_prefix(sizeof eight)) {
        std::memcpy(&eight, octets.data(), sizeof eight);
        all |= eight;
    }
    unsigned char rest = 0;
    for (char const c : octets) rest |= static_cast<unsigned char>(c);
    return (all & 0x8080808080808080U) != 0 || rest >= 0x80;
}

}  // namespace splitmx::mail
