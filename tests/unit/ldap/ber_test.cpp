#include "ldap/ber.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <string>

using namespace splitmx::ldap;

TEST_CASE("ber: elements of any length come back") {
    for (std::size_t const size : {0U, 1U, 127U, 128U, 255U, 256U, 65'535U, 65'536U, 1'000'000U}) {
        CAPTURE(size);
        std::string const content(size, 'x');
        auto const octets = ber::element(ber::octet_string, content) + "rest";
        ber::Reader reader(octets);
        CHECK(reader.content(ber::octet_string) == content);
        CHECK_FALSE(reader.at_end());
        // Cut off anywhere, it is no element.
        for (std::size_t const cut : {std::size_t{1}, std::size_t{2}, octets.size() - 5}) {
            if (cut >= octets.size() - 4) continue;
            ber::Reader part(std::string_view(octets).substr(0, cut));
            CHECK_FALSE(part.content(ber::octet_string).has_value());
        }
    }
}

TEST_CASE("ber: numbers come back, in as few octets as they need") {
    struct Row {
        std::int32_t value;
        std::string octets;
    };
    auto const row = GENERATE(
        Row{0, std::string("\x02\x01\x00", 3)},
        Row{1, "\x02\x01\x01"},
        Row{127, "\x02\x01\x7f"},
        Row{128, std::string("\x02\x02\x00\x80", 4)},
        Row{500, "\x02\x02\x01\xf4"},
        Row{-1, "\x02\x01\xff"},
        Row{-128, "\x02\x01\x80"},
        Row{-129, "\x02\x02\xff\x7f"},
        Row{std::numeric_limits<std::int32_t>::max(), "\x02\x04\x7f\xff\xff\xff"},
        Row{std::numeric_limits<std::int32_t>::min(), std::string("\x02\x04\x80\x00\x00\x00", 6)}
    );
    CAPTURE(row.value);
    CHECK(ber::number(ber::integer, row.value) == row.octets);
    CHECK(ber::Reader(row.octets).number(ber::integer) == row.value);
}

TEST_CASE("ber: what is not whole, or something else, gives nothing and is not passed over") {
    struct Row {
        std::string name, octets;
    };
    auto const row = GENERATE(
        Row{"nothing", ""},
        Row{"a tag", "\x04"},
        Row{"another tag", "\x05\x01x"},
        Row{"too short", "\x04\x05xxxx"},
        Row{"indefinite", std::string("\x04\x80xx\0\0", 6)},
        Row{"five octets of length", "\x04\x85\x01\x01\x01\x01\x01x"},
        Row{"length cut off", "\x04\x82\x01"},
        Row{"length of 4 GiB", "\x04\x84\xff\xff\xff\xffx"}
    );
    CAPTURE(row.name);
    ber::Reader reader(row.octets);
    CHECK_FALSE(reader.content(ber::octet_string).has_value());
    CHECK_FALSE(reader.truth().has_value());
    CHECK_FALSE(reader.number(ber::integer).has_value());
    CHECK(reader.at_end() == row.octets.empty());
}

TEST_CASE("ber: truth is one octet, a number at most four") {
    CHECK(ber::Reader("\x01\x01\xff").truth() == true);
    CHECK(ber::Reader("\x01\x01\x01").truth() == true);
    CHECK(ber::Reader(std::string_view("\x01\x01\x00", 3)).truth() == false);
    CHECK_FALSE(ber::Reader(std::string_view("\x01\x00", 2)).truth().has_value());
    CHECK_FALSE(ber::Reader("\x01\x02\xff\xff").truth().has_value());
    CHECK_FALSE(ber::Reader(std::string_view("\x02\x00", 2)).number(ber::integer).has_value());
    CHECK_FALSE(ber::Reader("\x02\x05\x01\x01\x01\x01\x01").number(ber::integer).has_value());
}
