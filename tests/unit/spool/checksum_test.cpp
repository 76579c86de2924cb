#include "spool/checksum.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::spool;

TEST_CASE("checksum: the vectors of RFC 3720 B.4") {
    std::string ascending(32, '\0');
    for (std::size_t i = 0; i < ascending.size(); ++i) ascending[i] = static_cast<char>(i);
    struct Row {
        std::string octets;
        std::uint32_t sum;
    };
    auto const row = GENERATE_COPY(values<Row>({
        {"", 0},
        {"123456789", 0xe3069283},
        {std::string(32, '\0'), 0x8a9136aa},
        {std::string(32, '\xff'), 0x62a8ab43},
        {ascending, 0x46dd794e},
    }));
    CHECK(crc32c(row.octets) == row.sum);
    CHECK(crc32c_by_table(row.octets) == row.sum);
}

TEST_CASE("checksum: pieces give the sum of the whole, both ways") {
    std::string const text = "a body that arrives in pieces of any length";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Crc32c sum;
        sum.update(std::string_view(text).substr(0, cut));
        sum.update(std::string_view(text).substr(cut));
        CHECK(sum.value() == crc32c(text));
        CHECK(crc32c_by_table(text.substr(cut), crc32c(text.substr(0, cut))) == crc32c(text));
    }
}

TEST_CASE("checksum: long octets, at any place, give the same both ways") {
    std::string text;
    for (unsigned value = 1; text.size() < 5000; value = value * 1664525 + 1013904223) {
        text += static_cast<char>(value >> 24);
    }
    for (std::size_t const begin : {0, 1, 7}) {
        for (std::size_t size : {255, 256, 767, 768, 769, 1535, 1536, 1543, 4400, 4990}) {
            auto const octets = std::string_view(text).substr(begin, size);
            INFO(begin << " " << size);
            Crc32c sum;
            sum.update(octets.substr(0, size / 3));
            sum.update(octets.substr(size / 3));
            CHECK(sum.value() == crc32c_by_table(octets));
            CHECK(crc32c(octets) == sum.value());
        }
    }
}
