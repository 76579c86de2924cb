#include "spool/checksum.hpp"

#include <boost/crc.hpp>

#include <cstring>

namespace splitmx::spool {

namespace {

#if defined(__x86_64__)

// The instruction is in every x86-64 processor since 2009 but not in the base line of the compiler:
// hence the check at run time, and boost::crc (a table, ten times slower) where it is missing.
__attribute__((target("sse4.2"))) std::uint32_t update_sse42(
    std::uint32_t state, std::string_view octets
) {
    std::uint64_t wide = state;
    auto const* at = octets.data();
    auto left = octets.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (; left > 0; --left, ++at) {
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(*at));
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
