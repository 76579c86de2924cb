// One hash for everything the copy keeps: its tables, and the checksum of a snapshot. Each step is
// a bijection of the state, so that octets which differ in one word of eight never hash alike.
// It is no secret and guards against accidents only. Stable between runs. Threads: pure.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace splitmx::directory::copy {

[[nodiscard]] inline std::uint64_t mix(std::uint64_t state, std::uint64_t word) noexcept {
    state = (state ^ word) * 0x9E3779B97F4A7C15U;
    return state ^ (state >> 32U);
}

[[nodiscard]] inline std::uint64_t hash(std::string_view octets, std::uint64_t seed = 0) noexcept {
    std::uint64_t state = mix(seed, octets.size());
    while (octets.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, octets.data(), sizeof word);
        state = mix(state, word);
        octets.remove_prefix(sizeof word);
    }
    std::uint64_t rest = 0;
    std::memcpy(&rest, octets.data(), octets.size());
    state = mix(state, rest) * 0xC2B2AE3D27D4EB4FU;
    return state ^ (state >> 29U);
}

}  // namespace splitmx::directory::copy
