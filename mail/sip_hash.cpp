#include "mail/sip_hash.hpp"

#include <bit>
#include <cstddef>

namespace splitmx::mail {

namespace {

struct State {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

// Up to eight octets, least significant first, whatever the machine.
template <class Octets>
std::uint64_t word_of(Octets const& octets, std::size_t from, std::size_t count) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) {
        word |= std::uint64_t{static_cast<std::uint8_t>(octets[from + i])} << (8 * i);
    }
    return word;
}

}  // namespace

std::uint64_t sip_hash(SipKey const& key, std::string_view text) {
    auto const k0 = word_of(key, 0, 8);
    auto const k1 = word_of(key, 8, 8);
    State state{
        k0 ^ 0x736f6d6570736575,
        k1 ^ 0x646f72616e646f6d,
        k0 ^ 0x6c7967656e657261,
        k1 ^ 0x7465646279746573};
    auto const whole = text.size() / 8 * 8;
    for (std::size_t i = 0; i < whole; i += 8) state.take(word_of(text, i, 8));
    auto const length = std::uint64_t{text.size()} << 56;
    state.take(word_of(text, whole, text.size() - whole) | length);
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace splitmx::mail
