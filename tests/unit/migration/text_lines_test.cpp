#include "migration/text_lines.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace splitmx;
using migration::TextLines;

namespace {

// The lines of a file that comes in pieces of `size` octets.
std::vector<std::string> lines_of(
    std::string const& octets, std::size_t size, std::string const& encoding = {}
) {
    auto lines = TextLines::open(encoding);
    REQUIRE(lines.has_value());
    std::vector<std::string> found;
    auto const take = [&] {
        while (auto line = lines->next()) {
            found.push_back(line->fault.empty() ? line->text : "! " + line->fault);
            CHECK(line->number == found.size());
        }
    };
    for (std::size_t at = 0; at < octets.size(); at += size) {
        lines->add(std::string_view(octets).substr(at, size));
        take();
    }
    lines->end();
    take();
    return found;
}

std::string utf16le(std::u16string const& text) {
    std::string octets;
    for (char16_t const c : text) {
        octets += static_cast<char>(c & 0xFFU);
        octets += static_cast<char>(c >> 8U);
    }
    return octets;
}

}  // namespace

TEST_CASE("text lines: one text in every encoding, in pieces of any size") {
    std::vector<std::string> const expected = {
        "Obj-Class;B\xC3\xBC"
        "cher",
        "",
        "\xE2\x82\xAC 5"};
    std::string const utf8 =
        "Obj-Class;B\xC3\xBC"
        "cher\r\n\r\n\xE2\x82\xAC 5";
    std::string const windows =
        "Obj-Class;B\xFC"
        "cher\r\n\r\n\x80 5";
    auto const utf16 = utf16le(u"Obj-Class;B\u00FCcher\r\n\r\n\u20AC 5");
    std::string swapped = "\xFE\xFF";
    for (std::size_t i = 0; i < utf16.size(); i += 2) (swapped += utf16[i + 1]) += utf16[i];
    for (std::size_t const size : {1U, 2U, 3U, 7U, 4096U}) {
        CAPTURE(size);
        CHECK(lines_of(utf8, size) == expected);
        CHECK(lines_of("\xEF\xBB\xBF" + utf8, size) == expected);
        CHECK(lines_of(windows, size) == expected);
        CHECK(lines_of(windows, size, "WINDOWS-1252") == expected);
        CHECK(lines_of(utf16, size) == expected);
        CHECK(lines_of("\xFF\xFE" + utf16, size) == expected);
        CHECK(lines_of(swapped, size) == expected);
    }
}

TEST_CASE("text lines: only the lines that need it are taken for Windows-1252, and counted") {
    auto lines = TextLines::open("");
    lines->add("\xC3\xBC\n\xFC\nplain\n");
    lines->end();
    CHECK(lines->next()->text == "\xC3\xBC");
    CHECK(lines->next()->text == "\xC3\xBC");
    CHECK(lines->next()->text == "plain");
    CHECK_FALSE(lines->next());
    CHECK(lines->legacy_lines() == 1);
}

TEST_CASE("text lines: what cannot be read is told, and the rest is read where that can be") {
    // 0x81 is no character of Windows-1252.
    CHECK(
        lines_of("a\n\x81\nb\n", 4096) ==
        std::vector<std::string>{
            "a", "! neither UTF-8 nor Windows-1252; --encoding names another", "b"}
    );
    auto const half = utf16le(u"ab\nc") + "d";
    CHECK(
        lines_of(half, 4096) ==
        std::vector<std::string>{
            "ab", "! from here on it is not in the encoding that it began with"}
    );
    std::string const much(TextLines::max_line + 1, 'x');
    for (std::size_t const size : {4096U, 4U << 20U}) {
        CHECK(
            lines_of("a\n" + much + "\nb", size) ==
            std::vector<std::string>{"a", "! a line longer than 1 MiB", "b"}
        );
    }
    CHECK(lines_of("", 1).empty());
    CHECK(lines_of("\n", 1) == std::vector<std::string>{""});
    CHECK_FALSE(TextLines::open("klingon").has_value());
}
