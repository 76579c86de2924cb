// Time limits, lost connections, and words out of turn.
#include "smtp/client_session.hpp"

#include "smtp/limits.hpp"
#include "tests/support/client_sessions.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

using tests::delivery_to;
using tests::idle_session;
using Step = ClientSession::Step;

}  // namespace

TEST_CASE("a lost connection names the step, and each step has its time limit") {
    ClientSession session({"mx", false});
    auto const at = [&](std::string_view name, mail::Duration limit) {
        CHECK(session.step_name() == name);
        CHECK(session.time_limit() == limit);
        auto copy = session;
        copy.connection_lost("Timed out");
        CHECK(copy.next() == Step::closed);
        auto const expected = "451 4.4.2 Timed out ";
        REQUIRE(copy.failure());
        CHECK(copy.failure()->to_log().starts_with(expected));
        bool const may_have_it = copy.failure()->text.ends_with("; the host may have the message");
        CHECK(may_have_it == (name == "end of data"));
        CHECK(copy.failure()->text.find(name) != std::string::npos);
        if (!copy.outcomes().empty()) CHECK(copy.outcomes()[0] == *copy.failure());
    };
    auto const feed = [&](std::string_view octets) {
        session.feed(octets);
        session.next();
    };
    at("greeting", greeting_timeout);
    feed("220 x\r\n");
    at("EHLO", command_timeout);
    feed("500 x\r\n");
    at("HELO", command_timeout);
    feed("250 x\r\n");
    at("idle", command_timeout);
    session.begin(delivery_to({"a@x"}));
    at("MAIL", mail_timeout);
    feed("250 x\r\n");
    at("RCPT", rcpt_timeout);
    feed("250 x\r\n");
    at("DATA", data_timeout);
    feed("354 x\r\n");
    at("content", block_timeout);
    session.content_sent();
    at("end of data", end_of_data_timeout);
}

TEST_CASE("the administrator's limit shortens every wait, and lengthens none") {
    ClientSession session({"mx", false, std::chrono::seconds(30)});
    CHECK(session.time_limit() == std::chrono::seconds(30));
    session.feed("220 x\r\n");
    session.next();
    CHECK(session.time_limit() == std::chrono::seconds(30));
    session.feed("250 x\r\n");
    session.next();
    session.quit();
    CHECK(session.time_limit() == quit_timeout);
}

TEST_CASE("a wait goes on until the reply is whole") {
    ClientSession session({"mx", false});
    for (auto const* octets : {"2", "20-one line\r\n", "220 anoth"}) {
        session.feed(octets);
        session.next();
        CHECK(session.replies() == 0);
    }
    session.feed("er\r\n");
    session.next();
    CHECK(session.replies() == 1);
}

TEST_CASE("a no in the middle of the content counts, a yes does not") {
    struct Row {
        char const* reply;
        char const* outcome;
    };
    auto const row = GENERATE(
        Row{"552 5.3.4 too large\r\n", "552 5.3.4 too large"},
        Row{"452 4.3.1 disk full\r\n", "452 4.3.1 disk full"},
        Row{"421 4.3.2 bye\r\n", "421 4.3.2 bye"},
        Row{"250 2.0.0 got it\r\n",
            "451 4.5.0 The host broke the protocol at content: reply to no command"}
    );
    auto session = idle_session();
    session.begin(delivery_to({"a@x"}));
    session.feed("250 ok\r\n250 ok\r\n354 go\r\n");
    REQUIRE(session.next() == Step::send_content);
    session.feed(row.reply);
    CHECK(session.next() == Step::closed);
    CHECK(session.outcomes().at(0).to_log() == row.outcome);
}

}  // namespace splitmx::smtp
