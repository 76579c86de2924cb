#include "smtp/plain_lines.hpp"

#if defined(__SSE2__)

#include <emmintrin.h>

#include <bit>
#include <cstdint>

namespace splitmx::smtp {

namespace {

constexpr std::size_t block_octets = 64;

// A bit for each octet of a block, the first one the lowest: whether it is `wanted`.
std::uint64_t places_of(char wanted, char const* block) {
    auto const sixteen = _mm_set1_epi8(wanted);
    auto const places_in = [&](std::size_t part) {
        auto const octets = _mm_loadu_si128(reinterpret_cast<__m128i const*>(block) + part);
        auto const equal = _mm_movemask_epi8(_mm_cmpeq_epi8(octets, sixteen));
        return std::uint64_t{static_cast<unsigned>(equal)} << (16 * part);
    };
    return places_in(0) | places_in(1) | places_in(2) | places_in(3);
}

bool has_dot_behind(std::uint64_t ends, char const* block) {
    for (; ends != 0; ends &= ends - 1) {
        if (block[std::countr_zero(ends) + 1] == '.') return true;
    }
    return false;
}

}  // namespace

std::size_t plain_octets(std::string_view octets) {
    constexpr std::uint64_t last = std::uint64_t{1} << (block_octets - 1);
    std::uint64_t after_cr = 0;
    bool after_end = false;
    std::size_t plain = 0;
    for (; octets.size() - plain >= block_octets; plain += block_octets) {
        auto const* const block = octets.data() + plain;
        auto const returns = places_of('\r', block);
        auto const ends = places_of('\n', block);
        if ((returns << 1 | after_cr) != ends) break;
        if ((after_end && block[0] == '.') || has_dot_behind(ends & ~last, block)) break;
        after_cr = (returns & last) != 0 ? 1 : 0;
        after_end = (ends & last) != 0;
    }
    return plain;
}

}  // namespace splitmx::smtp

#else

// DataReader then looks at each line, as it does at those that are not plain.
std::size_t splitmx::smtp::plain_octets(std::string_view) { return 0; }

#endif
