#include "mail/header_scan.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

namespace {

HeaderScan scan(std::string_view message) {
    HeaderScan scan;
    scan.feed(message);
    return scan;
}

std::string const folded =
    "Received: from a by b\r\n\tid 1;\r\n Sat\r\n"
    "RECEIVED: from c\r\n"
    "Received : obsolete blank\r\n"
    "X-Received: no\r\n"
    "Message-ID:\r\n  <1@a.example>\r\n"
    "Message-Id: <2@a.example>\r\n"
    "Subject: Received: no\r\n"
    "\r\n"
    "Received: in the body\r\n";

}  // namespace

TEST_CASE("header scan: counts, folds, stops at the blank line") {
    auto const seen = scan(folded);
    CHECK(seen.has_ended());
    CHECK_FALSE(seen.wants_more());
    CHECK(seen.received_count() == 3);
    CHECK(seen.trace() == " from a by b\r\n\tid 1;\r\n Sat\r\n from c\r\n obsolete blank\r\n");
    CHECK(seen.message_id() == "<1@a.example>");
    CHECK(seen.section() == folded.substr(0, folded.find("\r\n\r\n") + 2));
    CHECK_FALSE(seen.is_section_cut());
}

TEST_CASE("header scan: the trace ends where somebody has sent the message anew") {
    auto const seen = scan(
        "Received: new\r\nResent-From: <anna@adatum.com>\r\nReceived: old\r\n\r\nReceived: no\r\n"
    );
    CHECK(seen.trace() == " new\r\n");
    CHECK(seen.received_count() == 2);
}

TEST_CASE("header scan: every split gives the same") {
    auto const whole = scan(folded);
    for (std::size_t cut = 0; cut <= folded.size(); ++cut) {
        HeaderScan seen;
        seen.feed(std::string_view(folded).substr(0, cut));
        seen.feed({});
        seen.feed(std::string_view(folded).substr(cut));
        INFO(cut);
        REQUIRE(seen.received_count() == whole.received_count());
        REQUIRE(seen.message_id() == whole.message_id());
        REQUIRE(seen.section() == whole.section());
        REQUIRE(seen.has_ended());
    }
    HeaderScan octets;
    for (char const& c : folded) octets.feed(std::string_view(&c, 1));
    CHECK(octets.received_count() == 3);
    CHECK(octets.section() == whole.section());
}

TEST_CASE("header scan: what ends the header section") {
    struct Row {
        std::string message;
        bool ended;
        std::size_t received;
        std::string section;
    };
    auto const row = GENERATE(
        Row{"", false, 0, ""},
        Row{"\r\nReceived: a\r\n", true, 0, ""},
        Row{"\nReceived: a\r\n", true, 0, ""},
        Row{"Received: a\r\n", false, 1, "Received: a\r\n"},
        Row{"Received: a\r\nReceived", false, 1, "Received: a\r\n"},
        Row{"Received: a\nReceived: b\n\nReceived: c\n", true, 2, "Received: a\nReceived: b\n"},
        Row{"Received: a\r\nHello there\r\nReceived: b\r\n", true, 1, "Received: a\r\n"},
        Row{"Hello\r\nReceived: b\r\n", true, 0, ""},
        Row{" Received: leading blank\r\nReceived: b\r\n", true, 0, ""},
        Row{"Received: a\r\n\rReceived: b\r\n", true, 1, "Received: a\r\n"},
        Row{"Received: a\r\n: no name\r\nReceived: b\r\n", true, 1, "Received: a\r\n"},
        Row{"Received: a\r\nX\xC3\xA4: b\r\nReceived: b\r\n", true, 1, "Received: a\r\n"}
    );
    INFO(row.message);
    auto const seen = scan(row.message);
    CHECK(seen.has_ended() == row.ended);
    CHECK(seen.received_count() == row.received);
    CHECK(seen.section() == row.section);
}

TEST_CASE("header scan: a Message-ID that cannot be quoted is none") {
    struct Row {
        std::string value;
        bool good;
    };
    auto const row = GENERATE(
        Row{"<a@b>", true},
        Row{" (comment) <a@b> tail", true},
        Row{"<a@\r\n b>", false},
        Row{"a@b", false},
        Row{"<>", false},
        Row{"<a b>", false},
        Row{"<a<b>", false},
        Row{"<\xC3\xA4@b>", false},
        Row{"<" + std::string(1200, 'a') + "@b>", false},
        Row{"> <", false}
    );
    INFO(row.value);
    CHECK(scan("Message-ID: " + row.value + "\r\n\r\n").message_id().has_value() == row.good);
}

TEST_CASE("header scan: no end within the limit") {
    HeaderScan seen;
    seen.feed("Received: newest\r\nX: ");
    std::string const piece(1000, 'x');
    for (int i = 0; i < 300; ++i) seen.feed(piece);
    CHECK(seen.is_too_long());
    CHECK_FALSE(seen.wants_more());
    CHECK_FALSE(seen.has_ended());
    seen.feed("\r\nReceived: late\r\n\r\n");
    CHECK(seen.received_count() == 1);
    CHECK(seen.section() == "Received: newest\r\n");
}

TEST_CASE("header scan: a line too long for a field's name begins the body") {
    std::string const letters(999, 'A');
    auto const line = GENERATE(as<std::string>{}, "\r\nB\r\n", ": x\r\n\r\n", "");
    HeaderScan seen;
    seen.feed("Received: a\r\n" + letters + line);
    CHECK(seen.has_ended());
    CHECK_FALSE(seen.is_too_long());
    CHECK(seen.section() == "Received: a\r\n");
    HeaderScan longest;
    longest.feed(letters.substr(1) + ": x\r\nReceived: a\r\n");
    CHECK(longest.received_count() == 1);
}

TEST_CASE("header scan: what is kept ends with a whole line") {
    std::string const section = "A: 1\r\nB: 2\r\nC: 3\r\n";
    for (std::size_t limit = 0; limit <= section.size() + 2; ++limit) {
        HeaderScan seen(limit);
        seen.feed(section + "\r\nbody");
        INFO(limit);
        REQUIRE(seen.section() == section.substr(0, limit / 6 * 6));
        REQUIRE(seen.is_section_cut() == (limit < section.size()));
        REQUIRE(seen.has_ended());
    }
}

TEST_CASE("header scan: octets above 127 count in the header section alone") {
    HeaderScan none;
    none.feed("Subject: x\r\n\r\ncaf\xC3\xA9\r\n");
    CHECK_FALSE(none.has_high_octets());
    HeaderScan some;
    some.feed("Subject: caf\xC3\xA9\r\n\r\nx\r\n");
    CHECK(some.has_high_octets());
}
