#include "mail/sip_hash.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

// The authors' own vectors: key 00 01 .. 0f, text 00 01 .. of growing length.
TEST_CASE("sip hash: published values") {
    SipKey key{};
    for (std::uint8_t i = 0; i < 16; ++i) key[i] = i;
    std::string text;
    for (char i = 0; i < 64; ++i) text += i;
    CHECK(sip_hash(key, "") == 0x726fdb47dd0e0e31);
    CHECK(sip_hash(key, text.substr(0, 1)) == 0x74f839c593dc67fd);
    CHECK(sip_hash(key, text.substr(0, 7)) == 0xab0200f58b01d137);
    CHECK(sip_hash(key, text.substr(0, 8)) == 0x93f5f5799a932462);
    CHECK(sip_hash(key, text.substr(0, 15)) == 0xa129ca6149be45e5);
    CHECK(sip_hash(key, text.substr(0, 63)) == 0x958a324ceb064572);
}
