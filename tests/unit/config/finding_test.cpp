// Findings as `config check` prints them: their order, and 80 columns.
#include "config/finding.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace splitmx::config;

namespace {

std::string shown(std::string const& line, std::size_t column, std::size_t length, std::string hint) {
    Finding const finding{Severity::error, {1, column, length}, "wrong", std::move(hint)};
    auto const text = render(finding, "f.toml", line + "\n");
    return text.substr(text.find('\n') + 1);
}

// Every line fits; the caret stands below what is marked.
void check_place(std::string const& text, std::string const& marked) {
    auto const end = text.find('\n');
    auto const source = text.substr(0, end);
    auto const caret = text.substr(end + 1, text.find('\n', end + 1) - end - 1);
    CHECK(source.size() <= 80);
    CHECK(caret.size() <= 80);
    auto const at = caret.find('^');
    REQUIRE(at != std::string::npos);
    CHECK(source.substr(at, marked.size()) == marked);
}

}  // namespace

TEST_CASE("finding: a short line stands there whole") {
    CHECK(
        shown("unkown = 1", 1, 6, "did you mean \"unknown\"?") ==
        "  1 | unkown = 1\n"
        "      ^~~~~~  did you mean \"unknown\"?\n"
    );
}

TEST_CASE("finding: a long line is cut around the place") {
    std::string const filler(90, '.');
    SECTION("near the begin") {
        auto const text = shown("bad = " + filler, 1, 3, "");
        check_place(text, "bad");
        CHECK(text.find("...\n") == 77);
    }
    SECTION("in the middle") {
        auto const text = shown(filler + "bad" + filler, 91, 3, "");
        check_place(text, "bad");
        CHECK(text.starts_with("  1 | ..."));
    }
    SECTION("at the end") {
        auto const text = shown(filler + "bad", 91, 3, "");
        check_place(text, "bad");
        CHECK(text.substr(0, text.find('\n')).ends_with("bad"));
    }
    SECTION("a mark that is longer than a line") {
        check_place(shown(filler, 1, 90, ""), "....");
    }
    SECTION("characters of several octets count as one") {
        std::string umlauts;
        for (int i = 0; i < 90; ++i) umlauts += "ä";
        auto const text = shown(umlauts + "bad" + filler, 91, 3, "");
        auto const source = text.substr(0, text.find('\n'));
        CHECK(std::count_if(source.begin(), source.end(), [](char c) {
                  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
              }) == 80);
        CHECK(source.find("äbad...") != std::string::npos);
    }
}

TEST_CASE("finding: a hint without a place beside the mark stands below it") {
    std::string const filler(60, '.');
    CHECK(
        shown(filler + "bad", 61, 3, "there is a better word for that") ==
        "  1 | " + filler + "bad\n" + std::string(66, ' ') + "^~~\n" +
            "      there is a better word for that\n"
    );
}

TEST_CASE("finding: errors first, in the order of the file; what has no place stands last") {
    Findings findings;
    findings.warning({}, "w0");
    findings.warning({1, 1, 1}, "w1");
    findings.error({}, "e0");
    findings.error({9, 1, 1}, "e9");
    findings.error({2, 5, 1}, "e2");
    findings.sort();
    std::string order;
    for (auto const& one : findings.all()) order += one.text + " ";
    CHECK(order == "e2 e9 e0 w1 w0 ");
}
