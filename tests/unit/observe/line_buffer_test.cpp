#include "observe/line_buffer.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <string>

namespace splitmx::observe {

namespace {

std::string joined(std::deque<std::string> const& lines) {
    std::string text;
    for (auto const& line : lines) text += line + '\n';
    text.pop_back();
    return text;
}

}  // namespace

TEST_CASE("line buffer: lines are one text, without the last end") {
    LineBuffer lines;
    CHECK(lines.empty());
    lines.push("first");
    CHECK(lines.text() == "first");
    lines.push("");
    lines.push("two\nin one");
    CHECK(lines.size() == 3);
    CHECK(lines.text() == "first\n\ntwo\nin one");
    lines.clear();
    CHECK(lines.empty());
    lines.push("again");
    CHECK(lines.text() == "again");
}

TEST_CASE("line buffer: the oldest go, whole, and the others stay as they are") {
    LineBuffer lines;
    lines.push("one");
    lines.push("two\nin one");
    lines.drop_oldest();
    CHECK(lines.text() == "two\nin one");
    lines.drop_oldest();
    CHECK(lines.empty());

    std::deque<std::string> expected;
    for (int i = 0; i < 1000; ++i) {
        expected.push_back(std::string(static_cast<std::size_t>(i % 17), 'x') + std::to_string(i));
        lines.push(expected.back());
        if (expected.size() <= 20) continue;
        expected.pop_front();
        lines.drop_oldest();
        REQUIRE(lines.size() == 20);
        REQUIRE(lines.text() == joined(expected));
    }
}

TEST_CASE("line buffer: after a burst it is empty like any other") {
    LineBuffer lines;
    for (int i = 0; i < 2000; ++i) lines.push(std::string(100, 'x'));
    lines.drop_oldest();
    lines.clear();
    CHECK(lines.empty());
    lines.push("next");
    CHECK(lines.text() == "next");
}

}  // namespace splitmx::observe
