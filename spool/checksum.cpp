#include "spool/checksum.hpp"

#include <boost/crc.hpp>

#include <array>
#include <cstddef>
#include <cstring>

namespace splitmx::spool {

namespace {

#if defined(__x86_64__)

// The instruction is in every x86-64 processor since 2009 but not in the base line of the compiler:
// hence the check at run time, and boost::crc (a table, ten times slower) where it is missing.
#define SPLITMX_SSE42 __attribute__((target("sse4.2")))

constexpr std::size_t lane_octets = 256;
constexpr std::uint32_t reflected_polynomial = 0x82F63B78;

// What a state becomes by a lane of zeros: octet by octet of the state, for the sum is linear.
using Shift = std::array<std::array<std::uint32_t, 256>, 4>;

std::uint32_t behind_zeros(std::uint32_t state) {
    for (std::size_t bit = 0; bit < 8 * lane_octets; ++bit) {
        state = state >> 1 ^ ((state & 1) != 0 ? reflected_polynomial : 0);
    }
    return state;
}

Shift make_shift() {
    Shift shift{};
    for (unsigned place = 0; place < 4; ++place) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto const one = behind_zeros(std::uint32_t{1} << (8 * place + bit));
            for (unsigned octet = 0; octet < 256; ++octet) {
                if ((octet >> bit & 1) != 0) shift[place][octet] ^= one;
            }
        }
    }
    return shift;
}

std::uint32_t shifted(Shift const& shift, std::uint32_t state) {
    return shift[0][state & 0xff] ^ shift[1][state >> 8 & 0xff] ^ shift[2][state >> 16 & 0xff] ^
           shift[3][state >> 24];
}

SPLITMX_SSE42 inline std::uint64_t step(std::uint64_t state, char const* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return __builtin_ia32_crc32di(state, word);
}

// The instruction takes three cycles and can begin in each: three lanes beside one another take the
// time of one.
SPLITMX_SSE42 std::uint32_t update_lanes(std::uint32_t state, std::string_view& octets) {
    static Shift const shift = make_shift();
    for (; octets.size() >= 3 * lane_octets; octets.remove_prefix(3 * lane_octets)) {
        std::uint64_t first = state;
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (auto const* at = octets.data(); at != octets.data() + lane_octets; at += 8) {
            first = step(first, at);
            second = step(second, at + lane_octets);
            third = step(third, at + 2 * lane_octets);
        }
        state = shifted(shift, static_cast<std::uint32_t>(first));
        state ^= static_cast<std::uint32_t>(second);
        state = shifted(shift, state) ^ static_cast<std::uint32_t>(third);
    }
    return state;
}

SPLITMX_SSE42 std::uint32_t update_sse42(std::uint32_t state, std::string_view octets) {
    std::uint64_t wide = update_lanes(state, octets);
    for (; octets.size() >= 8; octets.remove_prefix(8)) wide = step(wide, octets.data());
    auto narrow = static_cast<std::uint32_t>(wide);
    for (char const octet : octets) {
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(octet));
    }
    return narrow;
}

bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }

#else

std::uint32_t update_sse42(std::uint32_t state, std::string_view) { return state; }
bool has_instruction() { return false; }

#endif

std::uint32_t reflect(std::uint32_t value) {
    std::uint32_t out = 0;
    for (int bit = 0; bit < 32; ++bit) out |= (value >> bit & 1U) << (31 - bit);
    return out;
}

std::uint32_t update_table(std::uint32_t state, std::string_view octets) {
    // boost::crc keeps its remainder the other way round.
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0, true, true> sum(reflect(state));
    sum.process_bytes(octets.data(), octets.size());
    return sum.checksum();
}

}  // namespace

std::uint32_t crc32c_by_table(std::string_view octets, std::uint32_t before) {
    return ~update_table(~before, octets);
}

void Crc32c::update(std::string_view octets) {
    static bool const fast = has_instruction();
    state_ = fast ? update_sse42(state_, octets) : update_table(state_, octets);
}

}  // namespace splitmx::spool
