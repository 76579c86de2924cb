#include "smtp/client_session.hpp"
#include "tests/support/client_sessions.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

using tests::delivery_to;
using tests::idle_session;
using Step = ClientSession::Step;

ClientSession session_at_content() {
    auto session = idle_session("250 PIPELINING\r\n");
    session.begin(delivery_to({"a@x"}));
    session.feed("250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(session.next() == Step::send_content);
    session.take_output();
    return session;
}

}  // namespace

TEST_CASE("the next delivery is announced behind the content of the present one") {
    auto session = session_at_content();
    CHECK_FALSE(session.has_announced());
    REQUIRE(session.announce(delivery_to({"b@x", "c@x"})));
    CHECK(
        session.announcement() ==
        "MAIL FROM:<ann@example.org>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"
    );
    CHECK(session.step_name() == "content");
    session.content_sent();
    CHECK(session.take_output().empty());  // it was written already
    CHECK(session.step_name() == "end of data");

    // All replies in one burst: the outcome of the first is there to be taken before the rest.
    session.feed("250 kept\r\n250 ok\r\n250 ok\r\n550 5.1.1 no c\r\n354 go\r\n");
    REQUIRE(session.next() == Step::done);
    CHECK(session.next() == Step::done);
    CHECK(session.outcomes().size() == 1);
    CHECK(session.outcomes().at(0).to_log() == "250 2.0.0 kept");
    CHECK(session.has_announced());

    session.go_on();
    CHECK_FALSE(session.has_announced());
    REQUIRE(session.next() == Step::send_content);
    session.content_sent();
    session.feed("250 kept too\r\n");
    REQUIRE(session.next() == Step::done);
    CHECK(session.outcomes().at(0).to_log() == "250 2.0.0 kept too");
    CHECK(session.outcomes().at(1).to_log() == "550 5.1.1 no c");
}

TEST_CASE("what is announced waits for its replies") {
    auto session = session_at_content();
    REQUIRE(session.announce(delivery_to({"b@x"})));
    session.content_sent();
    session.feed("452 full\r\n");
    REQUIRE(session.next() == Step::done);
    CHECK(session.outcomes().at(0).is_transient());
    session.go_on();
    CHECK(session.next() == Step::need_reply);
    CHECK(session.step_name() == "MAIL");
    session.feed("250 ok\r\n550 no\r\n554 no recipients\r\n");
    REQUIRE(session.next() == Step::done);
    CHECK(session.outcomes().at(0).code == 550);
    session.begin(delivery_to({"c@x"}));
    CHECK(session.take_output().starts_with("RSET\r\n"));
}

TEST_CASE("what was announced to a host that breaks off has no outcome of its own yet") {
    // Each before the answer to what came first, and behind it.
    auto const [replies, first] = GENERATE(table<std::string, int>(
        {{"", 451}, {"421 4.3.2 going down\r\n", 421}, {"250 kept\r\n", 250}}
    ));
    auto session = session_at_content();
    REQUIRE(session.announce(delivery_to({"b@x"})));
    session.content_sent();
    session.feed(replies);
    session.next();
    if (first == 250) {
        CHECK(session.outcomes().at(0).code == 250);
        session.go_on();
    }
    session.connection_lost();
    CHECK(session.next() == Step::closed);
    if (first == 250) {
        CHECK_FALSE(session.has_announced());
        CHECK(session.outcomes().at(0).is_transient());
        return;
    }
    CHECK(session.has_announced());
    CHECK(session.outcomes().at(0).code == first);
}

TEST_CASE("a host is told ahead only what it can be given") {
    auto const ehlo = GENERATE(as<std::string>{}, "250 HELP\r\n", "250 PIPELINING\r\n");
    bool const pipelining = ehlo.find("PIPELINING") != std::string::npos;
    auto session = idle_session(ehlo);
    session.begin(delivery_to({"a@x"}));
    CHECK_FALSE(session.announce(delivery_to({"b@x"})));  // not while the envelope is under way
    for (auto const* const reply : {"250 ok\r\n", "250 ok\r\n", "354 go\r\n"}) {
        session.feed(reply);
        session.next();
    }
    session.take_output();
    CHECK_FALSE(session.announce(delivery_to({"gr\u00fc\u00dfe@x"})));  // no SMTPUTF8
    CHECK(session.announcement().empty());
    CHECK(session.announce(delivery_to({"b@x"})) == pipelining);
    session.content_sent();
    session.feed("250 kept\r\n");
    REQUIRE(session.next() == Step::done);
    CHECK(session.outcomes().at(0).is_positive());
}

TEST_CASE("a reply too many is found behind what was announced, too") {
    auto session = session_at_content();
    REQUIRE(session.announce(delivery_to({"b@x"})));
    session.content_sent();
    session.feed("250 kept\r\n250 kept\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    REQUIRE(session.next() == Step::done);
    session.go_on();
    CHECK(session.next() == Step::closed);
    CHECK(session.outcomes().at(0).is_transient());
}

}  // namespace splitmx::smtp
