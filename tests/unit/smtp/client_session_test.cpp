#include "smtp/client_session.hpp"

#include "smtp/limits.hpp"
#include "tests/support/client_sessions.hpp"
#include "tests/support/session_script.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

using tests::ClientScript;
using tests::delivery_to;
using tests::idle_session;
using tests::Feeding;
using Step = ClientSession::Step;

ClientScript script(std::vector<std::string> recipients, bool lmtp = false) {
    return ClientScript({"mx.example.com", lmtp}, delivery_to(std::move(recipients)));
}

// Up to the extensions; with PIPELINING everything to DATA is then one output.
ClientScript pipelined(std::vector<std::string> recipients, bool lmtp = false) {
    auto dialogue = script(recipients, lmtp);
    dialogue.S("220 peer").C(lmtp ? "LHLO mx.example.com" : "EHLO mx.example.com");
    dialogue.S("250-peer").S("250 PIPELINING").C("MAIL FROM:<ann@example.org>");
    for (auto const& recipient : recipients) dialogue.C("RCPT TO:<" + recipient + ">");
    dialogue.C("DATA");
    return dialogue;
}

ClientScript plain(std::vector<std::string> recipients) {
    auto dialogue = script(std::move(recipients));
    dialogue.S("220 peer").C("EHLO mx.example.com").S("250 peer");
    dialogue.C("MAIL FROM:<ann@example.org>");
    return dialogue;
}

std::string outcomes_of(ClientScript::Played const& played) {
    std::string all;
    for (auto const& outcome : played.outcomes) {
        all += (all.empty() ? "" : " | ") + outcome.to_log();
    }
    return all;
}

// The dialogue goes as written, in bursts and octet by octet, and survives a loss at each step.
void check(ClientScript const& dialogue, Step step, std::string const& outcomes) {
    for (auto const feeding : {Feeding::bursts, Feeding::octets}) {
        auto const played = dialogue.play(feeding);
        CHECK(played.problem == "");
        CHECK(played.step == step);
        CHECK(outcomes_of(played) == outcomes);
    }
    CHECK(dialogue.fails_at_every_step() == "");
}

// A session that has delivered nothing yet and is idle.

}  // namespace

TEST_CASE("one by one, for a peer without PIPELINING") {
    check(
        plain({"a@x", "b@x"})
            .S("250 ok")
            .C("RCPT TO:<a@x>")
            .S("250 ok")
            .C("RCPT TO:<b@x>")
            .S("250 ok")
            .C("DATA")
            .S("354 go")
            .content()
            .S("250 2.6.0 kept as 7"),
        Step::done,
        "250 2.6.0 kept as 7 | 250 2.6.0 kept as 7"
    );
}

TEST_CASE("the envelope in one group, for a peer with PIPELINING") {
    check(
        pipelined({"a@x", "b@x", "c@x"})
            .S("250 ok")
            .S("250 ok")
            .S("550-5.1.1 no b")
            .S("550 5.1.1 sorry")
            .S("451 later")
            .S("354 go")
            .content()
            .S("250 2.0.0 kept"),
        Step::done,
        "250 2.0.0 kept | 550 5.1.1 no b\\x0Asorry | 451 4.0.0 later"
    );
}

TEST_CASE("the envelope alone: replies to RCPT are the outcomes, and no DATA follows") {
    auto delivery = delivery_to({"a@example.com", "b@example.com"});
    delivery.envelope_only = true;
    for (bool const lmtp : {false, true}) {
        auto const* const hello = lmtp ? "LHLO mx.example.com" : "EHLO mx.example.com";
        ClientScript piped({"mx.example.com", lmtp}, delivery);
        piped.S("220 peer").C(hello).S("250-peer").S("250 PIPELINING");
        piped.C("MAIL FROM:<ann@example.org>")
            .C("RCPT TO:<a@example.com>")
            .C("RCPT TO:<b@example.com>");
        piped.S("250 ok").S("250 2.1.5 here").S("550 5.1.1 not here");
        check(piped, Step::done, "250 2.1.5 here | 550 5.1.1 not here");
        ClientScript plainly({"mx.example.com", lmtp}, delivery);
        plainly.S("220 peer").C(hello).S("250 peer").C("MAIL FROM:<ann@example.org>").S("250 ok");
        plainly.C("RCPT TO:<a@example.com>").S("451 4.3.0 later").C("RCPT TO:<b@example.com>");
        plainly.S("250 2.1.5 here");
        check(plainly, Step::done, "451 4.3.0 later | 250 2.1.5 here");
        ClientScript refused({"mx.example.com", lmtp}, delivery);
        refused.S("220 peer").C(hello).S("250-peer").S("250 PIPELINING");
        refused.C("MAIL FROM:<ann@example.org>")
            .C("RCPT TO:<a@example.com>")
            .C("RCPT TO:<b@example.com>");
        refused.S("550 5.7.1 no").S("503 no").S("503 no");
        check(refused, Step::done, "550 5.7.1 no | 550 5.7.1 no");
    }
}

TEST_CASE("HELO when EHLO is refused for good") {
    check(
        script({"a@x"})
            .S("220 peer")
            .C("EHLO mx.example.com")
            .S("502 what")
            .C("HELO mx.example.com")
            .S("250-SIZE 1")
            .S("250 PIPELINING")
            .C("MAIL FROM:<ann@example.org>")
            .S("250 ok")
            .C("RCPT TO:<a@x>")
            .S("250 ok")
            .C("DATA")
            .S("354 go")
            .content()
            .S("550 5.7.1 no such content"),
        Step::done,
        "550 5.7.1 no such content"
    );
}

TEST_CASE("a peer that does not want us is told QUIT") {
    struct Row {
        std::string name;
        bool lmtp;
        std::vector<std::pair<std::string, std::string>> turns;  // reply, then our command
        std::string failure;
    };
    auto const row = GENERATE(values<Row>({
        {"banner 554", false, {{"554 5.7.1 no", "QUIT"}}, "554 5.7.1 no"},
        {"banner 450", false, {{"450 busy", "QUIT"}}, "450 4.0.0 busy"},
        {"EHLO 4xx",
         false,
         {{"220 x", "EHLO mx.example.com"}, {"451 4.3.0 no", "QUIT"}},
         "451 4.3.0 no"},
        {"HELO 5xx",
         false,
         {{"220 x", "EHLO mx.example.com"}, {"500 no", "HELO mx.example.com"}, {"550 no", "QUIT"}},
         "550 5.0.0 no"},
        {"LHLO 5xx, no fallback",
         true,
         {{"220 x", "LHLO mx.example.com"}, {"500 no", "QUIT"}},
         "500 5.0.0 no"},
    }));
    INFO(row.name);
    auto dialogue = script({"a@x"}, row.lmtp);
    for (auto const& [reply, command] : row.turns) dialogue.S(reply).C(command);
    check(dialogue, Step::closed, "");
    CHECK(dialogue.play().failure.value_or(mail::Status()).to_log() == row.failure);
}

TEST_CASE("MAIL refused is every recipient's status") {
    check(
        plain({"a@x", "b@x"}).S("552 5.3.4 too big"),
        Step::done,
        "552 5.3.4 too big | 552 5.3.4 too big"
    );
    check(
        pipelined({"a@x", "b@x"}).S("452 4.3.1 full").S("503 no").S("250 odd").S("503 no"),
        Step::done,
        "452 4.3.1 full | 452 4.3.1 full"
    );
}

TEST_CASE("all recipients refused: no content") {
    check(
        plain({"a@x", "b@x"})
            .S("250 ok")
            .C("RCPT TO:<a@x>")
            .S("550 5.1.1 a")
            .C("RCPT TO:<b@x>")
            .S("450 4.2.1 b"),
        Step::done,
        "550 5.1.1 a | 450 4.2.1 b"
    );
    check(
        pipelined({"a@x"}).S("250 ok").S("550 5.1.1 a").S("503 5.5.1 none"),
        Step::done,
        "550 5.1.1 a"
    );
    // RFC 2920 3.1: a server may still want content.
    check(
        pipelined({"a@x"}).S("250 ok").S("550 5.1.1 a").S("354 go").C(".").S("250 kept nothing"),
        Step::done,
        "550 5.1.1 a"
    );
}

TEST_CASE("552 to RCPT means for now, where it may mean too many recipients") {
    struct Row {
        char const* to_first;
        char const* to_second;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"250 ok", "552 Too many recipients", "452 4.5.3 Too many recipients"},
        Row{"250 ok", "552 5.5.3 Too many recipients", "452 4.5.3 Too many recipients"},
        Row{"250 ok", "552 5.2.2 Mailbox full", "552 5.2.2 Mailbox full"},
        Row{"250 ok", "552 5.2.3 Too long for it", "552 5.2.3 Too long for it"},
        Row{"250 ok", "552 5.3.4 Too large", "552 5.3.4 Too large"},
        Row{"250 ok", "550 5.5.3 Too many recipients", "550 5.5.3 Too many recipients"},
        Row{"550 5.1.1 no", "552 Quota exceeded", "552 5.0.0 Quota exceeded"},
        Row{"450 4.2.0 later", "552 5.5.3 Too many", "552 5.5.3 Too many"}
    );
    for (auto const* extensions : {"250 SIZE\r\n", "250 PIPELINING\r\n"}) {
        INFO(row.to_second);
        auto session = idle_session(extensions);
        session.begin(delivery_to({"a@x", "b@x"}));
        for (std::string const reply : {"250 ok", row.to_first, row.to_second}) {
            session.feed(reply + "\r\n");
            session.next();
        }
        CHECK(session.outcomes()[1].to_log() == row.expected);
    }
}

TEST_CASE("DATA refused is the status of those who were accepted") {
    check(
        pipelined({"a@x", "b@x"}).S("250 ok").S("250 ok").S("550 5.1.1 b").S("451 4.3.0 not now"),
        Step::done,
        "451 4.3.0 not now | 550 5.1.1 b"
    );
}

TEST_CASE("421 closes, and settles what is open") {
    check(script({"a@x"}).S("421 4.3.2 closed"), Step::closed, "");
    check(
        pipelined({"a@x", "b@x", "c@x"})
            .S("250 ok")
            .S("550 5.1.1 a")
            .S("250 ok")
            .S("421 4.3.2 going down"),
        Step::closed,
        "550 5.1.1 a | 421 4.3.2 going down | 421 4.3.2 going down"
    );
    check(
        pipelined({"a@x"}).S("250 ok").S("250 ok").S("354 go").content().S("421 4.3.2 bye"),
        Step::closed,
        "421 4.3.2 bye"
    );
    // Some hosts say good-bye right behind the last reply.
    auto const both = pipelined({"a@x"})
                          .S("250 ok")
                          .S("250 ok")
                          .S("354 go")
                          .content()
                          .S("250 2.0.0 kept")
                          .S("421 4.7.0 enough");
    check(both, Step::closed, "250 2.0.0 kept");
    CHECK(both.play().failure.value_or(mail::Status()).code == 421);
}

TEST_CASE("LMTP: a reply for each recipient that was accepted") {
    check(
        pipelined({"a@x", "b@x", "c@x"}, true)
            .S("250 ok")
            .S("250 ok")
            .S("550 5.1.1 b")
            .S("250 ok")
            .S("354 go")
            .content()
            .S("250 2.1.5 a kept")
            .S("452 4.2.2 c is full"),
        Step::done,
        "250 2.1.5 a kept | 550 5.1.1 b | 452 4.2.2 c is full"
    );
    check(
        pipelined({"a@x"}, true).S("250 ok").S("550 5.1.1 a").S("503 none"),
        Step::done,
        "550 5.1.1 a"
    );
    check(
        pipelined({"a@x"}, true).S("250 ok").S("550 5.1.1 a").S("354 go"),
        Step::closed,
        "550 5.1.1 a"
    );
    check(
        pipelined({"a@x", "b@x"}, true)
            .S("250 ok")
            .S("250 ok")
            .S("250 ok")
            .S("354 go")
            .content()
            .S("250 2.1.5 a kept")
            .S("421 4.3.2 bye"),
        Step::closed,
        "250 2.1.5 a kept | 421 4.3.2 bye"
    );
}

TEST_CASE("nonsense from the peer costs a try, never a recipient") {
    struct Row {
        std::string name;
        std::vector<std::string> replies;  // to the group MAIL, RCPT, RCPT, DATA
    };
    auto const row = GENERATE(values<Row>({
        {"no code", {"hello"}},
        {"3yz to MAIL", {"354 go"}},
        {"3yz to RCPT", {"250 ok", "354 go"}},
        {"2yz to DATA", {"250 ok", "250 ok", "250 ok", "250 ok"}},
        {"a reply too many behind 354", {"250 ok", "250 ok", "250 ok", "354 go", "250 kept"}},
        {"bare LF", {"250 ok\n250 ok"}},
        {"endless line", {"250 " + std::string(3000, 'x')}},
    }));
    INFO(row.name);
    auto dialogue = pipelined({"a@x", "b@x"});
    for (auto const& reply : row.replies) dialogue.S(reply);
    auto const played = dialogue.play();
    CHECK(played.problem == "");
    CHECK(played.step == Step::closed);
    REQUIRE(played.failure);
    CHECK(played.failure->to_log().starts_with("451 4.5.0 The host broke the protocol at "));
    REQUIRE(played.outcomes.size() == 2);
    CHECK(played.outcomes[0] == *played.failure);
    CHECK(played.outcomes[1] == *played.failure);
    CHECK(dialogue.fails_at_every_step() == "");
}

TEST_CASE("3yz to the content is nonsense") {
    auto const played =
        pipelined({"a@x"}).S("250 ok").S("250 ok").S("354 go").content().S("354 go").play();
    CHECK(played.step == Step::closed);
    CHECK(outcomes_of(played).starts_with("451 4.5.0 "));
}

TEST_CASE("a reply before its question closes the session") {
    ClientSession session({"mx", false});
    session.feed("220 peer\r\n250 slipped in\r\n");
    CHECK(session.next() == Step::closed);
    CHECK(session.take_output().empty());
}

TEST_CASE("octets to an idle session close it") {
    struct Row {
        std::string octets;
        std::string failure;
    };
    auto const row = GENERATE(values<Row>({
        {"421 4.4.2 too long idle\r\n", "421 4.4.2 too long idle"},
        {"250 x\r\n", "451 4.5.0 The host broke the protocol at idle: reply to no command"},
        {"25", "451 4.5.0 The host broke the protocol at idle: reply to no command"},
    }));
    auto session = idle_session();
    session.feed(row.octets);
    CHECK(session.next() == Step::closed);
    REQUIRE(session.failure());
    CHECK(session.failure()->to_log() == row.failure);
}

TEST_CASE("MAIL says what the peer offers") {
    struct Row {
        std::string keywords;
        BodyKind body;
        std::string command;
    };
    auto const row = GENERATE(values<Row>({
        {"250 HELP\r\n", BodyKind::eight_bit, "MAIL FROM:<ann@example.org>\r\n"},
        {"250 SIZE\r\n", BodyKind::eight_bit, "MAIL FROM:<ann@example.org> SIZE=42\r\n"},
        {"250 8BITMIME\r\n", BodyKind::eight_bit, "MAIL FROM:<ann@example.org> BODY=8BITMIME\r\n"},
        {"250 8BITMIME\r\n", BodyKind::seven_bit, "MAIL FROM:<ann@example.org>\r\n"},
        {"250-8BITMIME\r\n250 SIZE 9\r\n",
         BodyKind::eight_bit,
         "MAIL FROM:<ann@example.org> SIZE=42 BODY=8BITMIME\r\n"},
    }));
    CAPTURE(row.keywords);
    auto session = idle_session(row.keywords);
    session.begin(delivery_to({"a@x"}, row.body));
    CHECK(session.take_output() == row.command);
}

TEST_CASE("the null sender") {
    auto session = idle_session("250 HELP\r\n");
    Delivery delivery;
    delivery.recipients = {"a@x"};
    session.begin(delivery);
    CHECK(session.take_output() == "MAIL FROM:<>\r\n");
}

TEST_CASE("what cannot be said in ASCII is not sent") {
    auto session = idle_session();
    session.begin(delivery_to({"\xc3\xa4@x", "b@x", "c@x>\r\nRSET"}));
    CHECK(session.take_output() == "MAIL FROM:<ann@example.org>\r\nRCPT TO:<b@x>\r\nDATA\r\n");
    CHECK(session.outcomes()[0].to_log().starts_with("553 5.6.7 "));
    CHECK(session.outcomes()[2].code == 553);

    auto other = idle_session();
    other.begin(delivery_to({"\xc3\xa4@x"}));
    CHECK(other.next() == Step::done);
    CHECK(other.take_output().empty());
}

TEST_CASE("a session is used again, after RSET where a transaction was given up") {
    auto session = idle_session();
    session.begin(delivery_to({"a@x"}));
    session.take_output();
    session.feed("250 ok\r\n550 5.1.1 no\r\n503 none\r\n");
    CHECK(session.next() == Step::done);
    session.begin(delivery_to({"b@x"}));
    CHECK(
        session.take_output() == "RSET\r\nMAIL FROM:<ann@example.org>\r\nRCPT TO:<b@x>\r\nDATA\r\n"
    );
    CHECK(session.step_name() == "RSET");
    session.feed("250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(session.next() == Step::send_content);
    session.content_sent();
    session.feed("250 kept\r\n");
    CHECK(session.next() == Step::done);
    CHECK(session.outcomes().at(0).is_positive());
    session.begin(delivery_to({"c@x"}));
    CHECK(session.take_output().starts_with("MAIL FROM:"));
}

TEST_CASE("without PIPELINING RSET waits for its reply") {
    auto session = idle_session("250 HELP\r\n");
    session.begin(delivery_to({"a@x"}));
    session.feed("550 no\r\n");
    CHECK(session.next() == Step::done);
    session.take_output();
    session.begin(delivery_to({"b@x"}));
    CHECK(session.take_output() == "RSET\r\n");
    session.feed("250 ok\r\n");
    CHECK(session.next() == Step::need_reply);
    CHECK(session.take_output() == "MAIL FROM:<ann@example.org>\r\n");

    session.feed("550 no\r\n");
    CHECK(session.next() == Step::done);
    session.begin(delivery_to({"b@x"}));
    session.take_output();
    session.feed("500 no\r\n");
    CHECK(session.next() == Step::closed);
    CHECK(session.outcomes().at(0).is_transient());
}

TEST_CASE("QUIT ends in order, whatever the peer does") {
    auto const answer =
        GENERATE(as<std::string>{}, "221 bye\r\n", "421 bye\r\n", "nonsense\r\n", "");
    auto session = idle_session();
    session.quit();
    CHECK(session.take_output() == "QUIT\r\n");
    CHECK(session.next() == Step::need_reply);
    CHECK(session.step_name() == "QUIT");
    CHECK(session.time_limit() == quit_timeout);
    session.feed(answer);
    if (answer.empty()) session.connection_lost();
    CHECK(session.next() == Step::closed);
    CHECK(session.failure().has_value() == (answer == "nonsense\r\n"));
}

TEST_CASE("what the peer offers can be asked") {
    auto const session = idle_session("250-SIZE 1000\r\n250 PIPELINING\r\n");
    CHECK(session.peer_offers(Extension::pipelining));
    CHECK_FALSE(session.peer_offers(Extension::eight_bit_mime));
    CHECK(session.peer_size_limit() == 1000);
}

}  // namespace splitmx::smtp
