#include "smtp/data_reader.hpp"
#include "smtp/data_writer.hpp"

#include <catch2/catch.hpp>

#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::smtp {

namespace {

using namespace std::string_literals;

struct Read {
    std::string content;
    std::size_t used = 0;
    bool ended = false;
    std::optional<ContentFault> fault;
};

Read read_in_pieces(std::string_view wire, std::size_t piece, std::uint64_t limit = 1000) {
    DataReader reader(limit);
    Read result;
    while (result.used < wire.size() && !reader.has_ended()) {
        result.used += reader.read(wire.substr(result.used, piece), result.content);
    }
    result.ended = reader.has_ended();
    result.fault = reader.fault();
    if (!result.fault) CHECK(reader.size() == result.content.size());
    return result;
}

std::string write_in_pieces(std::string_view content, std::size_t piece) {
    DataWriter writer;
    std::vector<std::string_view> pieces;
    while (!content.empty()) {
        writer.write(content.substr(0, piece), pieces);
        content.remove_prefix(std::min(piece, content.size()));
    }
    writer.finish(pieces);
    std::string wire;
    for (auto const part : pieces) wire += part;
    return wire;
}

}  // namespace

TEST_CASE("content is read up to CRLF.CRLF") {
    struct Row {
        std::string name, wire, content;
    };
    auto const row = GENERATE(values<Row>({
        {"empty", ".\r\n", ""},
        {"one line", "text\r\n.\r\n", "text\r\n"},
        {"empty line", "\r\n.\r\n", "\r\n"},
        {"stuffed dot", "..\r\n.\r\n", ".\r\n"},
        {"two stuffed dots", "...\r\n.\r\n", "..\r\n"},
        {"dot and text", ".text\r\n.\r\n", "text\r\n"},
        {"dots inside", "a.b.\r\n.\r\n", "a.b.\r\n"},
        {"dot at the end of a line", "a.\r\n.\r\n", "a.\r\n"},
        {"8-bit", "\xc3\xa4\xff\r\n.\r\n", "\xc3\xa4\xff\r\n"},
    }));
    INFO(row.name);
    auto const wire = row.wire + "NOOP\r\n";
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
        auto const read = read_in_pieces(wire, piece);
        CHECK(read.ended);
        CHECK(read.used == row.wire.size());
        CHECK_FALSE(read.fault);
        CHECK(read.content == row.content);
    }
}

TEST_CASE("no other spelling ends the data, and each is a fault") {
    auto const ending = GENERATE(
        as<std::string>{},
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\r\n.\r\r\n",
        "\n.\r",
        "\r.\n",
        "\r\n\n.\r\n",
        "\r\n.\r.\r\n",
        "\n\n.\n\n",
        "\r\r.\r\r"
    );
    auto const wire = "first" + ending + "MAIL FROM:<x@y>\r\n.\r\nNOOP\r\n";
    CAPTURE(wire);
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
        auto const read = read_in_pieces(wire, piece);
        CHECK(read.ended);
        CHECK(read.used == wire.size() - 6);
        CHECK(read.fault == ContentFault::bare_line_end);
    }
}

TEST_CASE("a fault beside the true end of data does not hide it") {
    struct Row {
        std::string name, wire;
        ContentFault fault;
    };
    auto const row = GENERATE(values<Row>({
        {"two CRs before the end", "a\r\r\n.\r\n", ContentFault::bare_line_end},
        {"LF first", "\n\r\n.\r\n", ContentFault::bare_line_end},
        {"CR behind a dot", ".\rx\r\n.\r\n", ContentFault::bare_line_end},
        {"NUL", "a\0b\r\n.\r\n"s, ContentFault::nul},
        {"NUL behind a dot", ".\0\r\n.\r\n"s, ContentFault::nul},
        {"NUL behind a CR", "a\r\0\n\r\n.\r\n"s, ContentFault::bare_line_end},
        {"the first fault stays", "a\0\n\r\n.\r\n"s, ContentFault::bare_line_end},
    }));
    INFO(row.name);
    for (std::size_t piece = 1; piece <= row.wire.size(); ++piece) {
        auto const read = read_in_pieces(row.wire, piece);
        CHECK(read.ended);
        CHECK(read.used == row.wire.size());
        // Within one line CR and LF are looked at before NUL when they come together.
        if (row.name != "the first fault stays") CHECK(read.fault == row.fault);
        CHECK(read.fault);
    }
}

TEST_CASE("an end that has not come is not seen") {
    for (std::string const wire : {"", ".", ".\r", "a\r\n", "a\r\n.", "a\r\n.\r", "a\r\n..\r\n"}) {
        CAPTURE(wire);
        CHECK_FALSE(read_in_pieces(wire, 1).ended);
    }
}

// The reference is the reader that gets octet by octet: it sees no blocks.
TEST_CASE("what is special is seen wherever it stands in a block") {
    std::string const plain = "twelve of it\r\n";
    std::string lines;
    while (lines.size() < 200) lines += plain;
    auto const special = GENERATE(
        as<std::string>{}, ".", "\n.", "\r", "\n", "\r\n.", "\r\n.\r\n", "\r\n..\r\n", "\r\n.\r",
        "\0"s, "\n\r", "\r\r\n", "\r\n\r\n"
    );
    for (std::size_t before = 0; before < 150; ++before) {
        auto const wire = lines.substr(0, before) + special + lines + ".\r\n";
        auto const expected = read_in_pieces(wire, 1);
        for (auto const piece : {wire.size(), std::size_t(65), std::size_t(100)}) {
            auto const read = read_in_pieces(wire, piece);
            if (!expected.fault) REQUIRE(read.content == expected.content);
            REQUIRE(read.used == expected.used);
            REQUIRE(read.ended == expected.ended);
            REQUIRE(read.fault == expected.fault);
        }
    }
}

TEST_CASE("the limit counts content, and stops the copying") {
    std::string const content(10, 'x');
    auto const wire = ".." + content.substr(1) + "\r\n.\r\n";
    CHECK_FALSE(read_in_pieces(wire, 3, 12).fault);
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
        auto const read = read_in_pieces(wire, piece, 11);
        CHECK(read.fault == ContentFault::too_large);
        CHECK(read.content.size() <= 11);
        CHECK(read.ended);
    }
}

TEST_CASE("each fault has its reply") {
    CHECK(status_of(ContentFault::bare_line_end).to_log().starts_with("554 5.6.0 "));
    CHECK(status_of(ContentFault::nul).to_log().starts_with("554 5.6.0 "));
    CHECK(status_of(ContentFault::too_large).to_log().starts_with("552 5.3.4 "));
}

TEST_CASE("content is written with stuffed dots and an end") {
    struct Row {
        std::string name, content, wire;
    };
    auto const row = GENERATE(values<Row>({
        {"empty", "", ".\r\n"},
        {"one line", "text\r\n", "text\r\n.\r\n"},
        {"no last line end", "text", "text\r\n.\r\n"},
        {"dot first", ".\r\n", "..\r\n.\r\n"},
        {"dots", "a\r\n.b\r\n..\r\n", "a\r\n..b\r\n...\r\n.\r\n"},
        {"dots inside", "a.b\r\n", "a.b\r\n.\r\n"},
        {"a dot without line end", ".", "..\r\n.\r\n"},
        {"blank lines", "\r\n\r\n", "\r\n\r\n.\r\n"},
    }));
    INFO(row.name);
    for (std::size_t piece = 1; piece <= row.content.size() + 1; ++piece) {
        CHECK(write_in_pieces(row.content, piece) == row.wire);
    }
}

// Each octet by itself, as RFC 5321 4.5.2 tells it.
std::string stuffed(std::string_view content) {
    std::string wire;
    bool at_start = true;
    for (char const c : content) {
        if (at_start && c == '.') wire += '.';
        wire += c;
        at_start = c == '\n';
    }
    return wire + (at_start ? ".\r\n" : "\r\n.\r\n");
}

TEST_CASE("every short content of dots, text and line ends is stuffed") {
    constexpr std::string_view parts[] = {".", "a", "\r\n"};
    std::size_t combinations = 1;
    for (std::size_t length = 1; length <= 7; ++length) {
        combinations *= std::size(parts);
        for (std::size_t number = 0; number < combinations; ++number) {
            std::string content;
            for (std::size_t i = 0, rest = number; i < length; ++i, rest /= std::size(parts)) {
                content += parts[rest % std::size(parts)];
            }
            CAPTURE(content);
            for (auto const piece : {content.size(), std::size_t{3}}) {
                REQUIRE(write_in_pieces(content, piece) == stuffed(content));
            }
        }
    }
}

TEST_CASE("what is written is read back") {
    std::string const content = ".\r\n..\r\n\r\n.a\r\nb.\r\n.\r\n";
    auto const read = read_in_pieces(write_in_pieces(content, 2), 3);
    CHECK(read.ended);
    CHECK(read.content == content);
}

}  // namespace splitmx::smtp
