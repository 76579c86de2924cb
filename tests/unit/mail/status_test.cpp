#include "mail/status.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::mail;

TEST_CASE("status: from a peer's reply") {
    struct Row {
        int code;
        char const* reply;
        char const* enhanced;
        char const* text;
    };
    auto const row = GENERATE(
        Row{550, "5.1.1 no such user", "5.1.1", "no such user"},
        Row{250, "2.1.5 OK", "2.1.5", "OK"},
        Row{451, "4.7.500 busy", "4.7.500", "busy"},
        Row{550, "5.1.1", "5.1.1", ""},
        Row{550, "no such user", "5.0.0", "no such user"},
        Row{550, "", "5.0.0", ""},
        Row{550, "4.1.1 contradiction", "5.0.0", "4.1.1 contradiction"},
        Row{550, "5.1 half", "5.0.0", "5.1 half"},
        Row{550, "5.1.1000 too long", "5.0.0", "5.1.1000 too long"},
        Row{550, "5.1.1-glued", "5.0.0", "5.1.1-glued"},
        Row{550, "5..1 gap", "5.0.0", "5..1 gap"},
        Row{550, "5.1.99999999999 overflow", "5.0.0", "5.1.99999999999 overflow"},
        Row{550, "550 5.1.1 twice", "5.0.0", "550 5.1.1 twice"},
        Row{550, "5.1.1 one\n5.1.1 two", "5.1.1", "one\n5.1.1 two"},
        Row{354, "go ahead", "", "go ahead"}
    );
    INFO(row.reply);
    auto const status = Status::from_reply(row.code, row.reply);
    CHECK(status.code == row.code);
    CHECK(status.enhanced_text() == row.enhanced);
    CHECK(status.text == row.text);
}

TEST_CASE("status: class comes from the code alone") {
    CHECK(Status(250, {1, 5}, "").is_positive());
    CHECK(Status(354, {0, 0}, "").is_positive());
    CHECK(Status(451, {4, 3}, "").is_transient());
    CHECK(Status(550, {1, 1}, "").is_permanent());
    CHECK_FALSE(Status(550, {1, 1}, "").is_transient());
    CHECK_FALSE(Status(451, {4, 3}, "").is_permanent());
    CHECK_FALSE(Status(451, {4, 3}, "").is_positive());
}

TEST_CASE("status: log form is one line") {
    CHECK(Status(550, {1, 1}, "no\r\nyes").to_log() == "550 5.1.1 no\\x0D\\x0Ayes");
    CHECK(Status(354, {0, 0}, "go").to_log() == "354 go");
}
