#include "mail/octets.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace splitmx::mail;

namespace {

// Eight octets of which the one at `place` is `octet`, the others `rest`.
std::uint64_t eight_with(std::size_t place, unsigned octet, unsigned rest) {
    std::string octets(8, static_cast<char>(rest));
    octets[place] = static_cast<char>(octet);
    return octets_at<std::uint64_t>(octets.data());
}

}  // namespace

TEST_CASE("octets: one of eight is seen at every place, whatever its neighbours are") {
    for (std::size_t place = 0; place < 8; ++place) {
        for (unsigned octet = 0; octet < 256; ++octet) {
            INFO(place << " " << octet);
            for (unsigned const limit : {1U, 0x20U, 0x21U, 0x7fU, 0x80U}) {
                CHECK(any_below(eight_with(place, octet, limit), limit) == (octet < limit));
                CHECK(any_below(eight_with(place, octet, 0xff), limit) == (octet < limit));
            }
            for (unsigned const limit : {0U, 0x7eU, 0x7fU}) {
                CHECK(any_above(eight_with(place, octet, limit), limit) == (octet > limit));
                CHECK(any_above(eight_with(place, octet, 0), limit) == (octet > limit));
            }
            for (unsigned const sought : {0U, 0x22U, 0x7fU, 0xffU}) {
                unsigned const near = sought ^ 1;
                CHECK(any_is(eight_with(place, octet, near), sought) == (octet == sought));
            }
        }
    }
}

TEST_CASE("octets: no octet of a text is passed over, and none beside it is looked at") {
    for (std::size_t size = 0; size <= 40; ++size) {
        // Odd ones stand on both sides of it, at every alignment.
        for (std::size_t before = 1; before <= 8; ++before) {
            std::string around(before + size + 8, '\xff');
            around.replace(before, size, size, 'a');
            auto const text = std::string_view(around).substr(before, size);
            INFO(size << " " << before);
            CHECK(is_printable_ascii(text));
            CHECK_FALSE(has_high_octets(text));
            for (std::size_t odd = 0; odd < size; ++odd) {
                around[before + odd] = '\x7f';
                CHECK_FALSE(is_printable_ascii(text));
                around[before + odd] = '\x80';
                CHECK_FALSE(is_printable_ascii(text));
                CHECK(has_high_octets(text));
                around[before + odd] = 'a';
            }
        }
    }
}

TEST_CASE("octets: what is printable") {
    for (unsigned octet = 0; octet < 256; ++octet) {
        for (std::size_t const size : {std::size_t{1}, std::size_t{3}, std::size_t{8}}) {
            INFO(octet << " " << size);
            std::string const text(size, static_cast<char>(octet));
            CHECK(is_printable_ascii(text) == (octet >= 0x20 && octet <= 0x7e));
        }
    }
}
