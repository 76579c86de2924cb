// What a dialogue cannot show: groups, chunks, time limits, refusals from outside. The dialogues
// themselves are in tests/golden/dialogues.
#include "smtp/server_session.hpp"

#include "tests/support/session_script.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

using tests::Feeding;
using tests::ServerPlayer;
using Step = ServerSession::Step;

ServerSettings settings() { return {.hostname = "mx.example.com"}; }

std::string const envelope =
    "EHLO client\r\nMAIL FROM:<ann@example.org> SIZE=7 BODY=8BITMIME\r\n"
    "RCPT TO:<refused@example.com>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n";

}  // namespace

TEST_CASE("all recipients that wait are offered at once") {
    ServerPlayer player(settings(), Feeding::bursts);
    player.send(
        "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<bad>\r\nRCPT TO:<c@d>\r\n"
        "NOOP\r\nRCPT TO:<e@f>\r\nRCPT TO:<g"
    );
    CHECK(player.groups == std::vector<std::size_t>{2, 1});
    player.send("@h>\r\n");
    CHECK(player.groups.back() == 1);
}

TEST_CASE("an ear hears each command once, no content and no password") {
    struct Listener final : Ear {
        void heard(std::string_view line) override { lines.emplace_back(line); }
        std::vector<std::string> lines;
    } ear;
    auto offering = settings();
    offering.auth = AuthOffer::always;
    ServerPlayer player(offering, GENERATE(Feeding::bursts, Feeding::octets));
    player.session.set_ear(&ear);
    player.send("EHLO client\r\nAUTH PLAIN AGFubmEAc2VjcmV0\r\nAUTH LOGIN\r\n*\r\nnonsense\r\n");
    player.send("MAIL FROM:<ann@example.org>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    player.send("Subject: hidden\r\n\r\nhidden\r\n.\r\nQUIT\r\n");
    CHECK(
        ear.lines ==
        std::vector<std::string>{
            "EHLO client",
            "AUTH",
            "AUTH",
            "(unknown command)",
            "(unknown command)",
            "MAIL FROM:<ann@example.org>",
            "RCPT TO:<a@b>",
            "RCPT TO:<c@d>",
            "DATA",
            "QUIT"}
    );
}

TEST_CASE("the transaction tells who was accepted, and as the how manieth") {
    ServerPlayer player(settings(), Feeding::bursts);
    player.send(envelope + "x\r\n.\r\n");
    REQUIRE(player.envelopes.size() == 1);
    auto const& transaction = player.envelopes[0];
    CHECK(transaction.from.to_wire() == "ann@example.org");
    CHECK(transaction.declared_size == 7);
    CHECK(transaction.body == BodyKind::eight_bit);
    REQUIRE(transaction.recipients.size() == 1);
    CHECK(transaction.recipients[0].path.to_wire() == "bob@example.com");
    CHECK(transaction.recipients[0].offered == 1);
    CHECK(player.session.transaction().recipients.empty());
    CHECK(player.session.helo() == "client");
    CHECK(player.session.esmtp());
}

TEST_CASE("places are counted over all groups of a transaction, and anew in the next") {
    ServerPlayer player(settings(), Feeding::octets);
    player.send(envelope + "x\r\n.\r\n" + envelope + "y\r\n.\r\n");
    REQUIRE(player.envelopes.size() == 2);
    for (auto const& transaction : player.envelopes) {
        CHECK(transaction.recipients.at(0).offered == 1);
    }
}

TEST_CASE("a step is repeated until it is answered") {
    ServerSession session(settings());
    session.feed("HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nx\r\n.\r\n");
    CHECK(session.next() == Step::verify_recipients);
    CHECK(session.next() == Step::verify_recipients);
    session.recipients_verified({{250, {1, 5}, "OK"}});
    CHECK(session.next() == Step::finish_message);
    CHECK(session.next() == Step::finish_message);
    CHECK(session.take_body() == "x\r\n");
    session.message_finished({451, {3, 0}, "Disk full"});
    CHECK(session.next() == Step::need_input);
    auto const output = session.take_output();
    CHECK(output.ends_with("451 4.3.0 Disk full\r\n"));
    CHECK(session.take_output().empty());
    CHECK(session.state() == "ready");
}

TEST_CASE("a verdict too few is a programming error") {
    ServerSession session(settings());
    session.feed("HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n");
    CHECK(session.next() == Step::verify_recipients);
    CHECK_THROWS_AS(session.recipients_verified({}), std::out_of_range);
}

TEST_CASE("a large body is handed on in chunks") {
    ServerPlayer player(settings(), Feeding::bursts);
    player.send(envelope);
    std::string const line = std::string(78, 'x') + "\r\n";
    std::string content;
    std::size_t most = 0;
    for (int i = 0; i < 2000; ++i) {
        content += line;
        player.session.feed(line);
        if (player.session.next() == Step::store_body) ++most;
        player.run();
    }
    CHECK(most == 2);
    player.send(".\r\n");
    REQUIRE(player.kept.size() == 1);
    CHECK(player.kept[0] == content);
}

TEST_CASE("a fault is told at once, its reply comes at the end of data") {
    ServerPlayer player(settings(), Feeding::bursts);
    player.send(envelope);
    player.output.clear();
    player.send("bad\n");
    CHECK(player.discarded == 1);
    CHECK(player.output.empty());
    CHECK(player.session.discard_reason().code == 554);
    CHECK(player.session.transaction().recipients.size() == 1);
    player.send("\r\n.\r\n");
    CHECK(player.output.starts_with("554 5.6.0 "));
    CHECK(player.kept.empty());
    CHECK(player.session.state() == "ready");
}

TEST_CASE("time limits follow the state") {
    auto given = settings();
    given.command_timeout = std::chrono::seconds(7);
    given.data_timeout = std::chrono::seconds(5);
    ServerPlayer player(given, Feeding::bursts);
    CHECK(player.session.state() == "greeting");
    CHECK(player.session.time_limit() == given.command_timeout);
    player.send("HELO c\r\n");
    CHECK(player.session.state() == "ready");
    player.send("MAIL FROM:<>\r\n");
    CHECK(player.session.state() == "have_sender");
    player.send("RCPT TO:<a@b>\r\n");
    CHECK(player.session.state() == "have_recipients");
    player.send("DATA\r\n");
    CHECK(player.session.state() == "data");
    CHECK(player.session.time_limit() == given.data_timeout);
    player.send(".\r\n");
    CHECK(player.session.time_limit() == given.command_timeout);
    CHECK_FALSE(player.session.esmtp());
}

TEST_CASE("a refusal stands in place of the greeting") {
    ServerSession session(settings());
    session.refuse({554, {7, 1}, "Not from there"});
    CHECK(session.next() == Step::close);
    CHECK(session.take_output() == "554 5.7.1 Not from there\r\n");
    session.feed("NOOP\r\n");
    CHECK(session.next() == Step::close);
    CHECK(session.take_output().empty());
    CHECK(session.state() == "closed");
}

TEST_CASE("who is turned away may still say QUIT") {
    ServerPlayer player({.hostname = "mx.example.com", .refuse_early_talk = true}, Feeding::octets);
    ServerSession& session = player.session;
    player.output.clear();
    SECTION("in place of the greeting, for a short time") {
        ServerSession fresh(settings());
        fresh.turn_away({554, {7, 1}, "Not from there"});
        CHECK(fresh.next() == Step::need_input);
        CHECK(fresh.take_output() == "554 5.7.1 Not from there\r\n");
        CHECK(fresh.settings().session_timeout == turned_away_time);
        CHECK(fresh.state() == "turned_away");
    }
    session.turn_away({554, {7, 1}, "Not from there"});
    SECTION("nothing else is heard") {
        player.send("EHLO client\r\nMAIL FROM:<>\r\nQUIT\r\nNOOP\r\n");
        CHECK(
            player.output ==
            "554 5.7.1 Not from there\r\n"
            "503 5.5.1 You may not connect here; only QUIT is left\r\n"
            "503 5.5.1 You may not connect here; only QUIT is left\r\n"
            "221 2.0.0 mx.example.com closes the connection\r\n"
        );
        CHECK(player.closed);
    }
    SECTION("not for ever") {
        player.send("EHLO c\r\nDATA\r\nPOST / HTTP/1.1\r\n\n\r\nRSET\r\nQUIT\r\n");
        CHECK(player.output.ends_with(
            "\r\n421 4.7.0 You may not connect here, closing the connection\r\n"
        ));
        CHECK(player.closed);
        CHECK(session.errors() == turned_away_commands);
    }
}

TEST_CASE("a refusal ends the session in every state") {
    auto const burst = GENERATE(
        as<std::string>{},
        "",
        "HELO c\r\n",
        "HELO c\r\nMAIL FROM:<>\r\n",
        "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n",
        "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n",
        "HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nx\r\n"
    );
    ServerPlayer player(settings(), Feeding::bursts);
    player.send(burst);
    player.output.clear();
    player.session.refuse({421, {4, 2}, "Too slow"});
    player.send(".\r\n");
    CHECK(player.output == "421 4.4.2 Too slow\r\n");
    CHECK(player.closed);
    CHECK(player.kept.empty());
}

TEST_CASE("answers that come after a refusal change nothing") {
    ServerSession session(settings());
    session.feed("HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n");
    CHECK(session.next() == Step::verify_recipients);
    session.take_output();
    session.refuse({421, {3, 2}, "Going down"});
    session.recipients_verified({{250, {1, 5}, "OK"}});
    session.message_finished({250, {0, 0}, "OK"});
    CHECK(session.next() == Step::close);
    CHECK(session.take_output() == "421 4.3.2 Going down\r\n");
}

TEST_CASE("errors are counted for the log") {
    ServerPlayer player(settings(), Feeding::bursts);
    player.send("X\r\nHELO c\r\nMAIL FROM:<>\r\nRCPT TO:<refused@b>\r\nRCPT TO:<bad>\r\n");
    CHECK(player.session.errors() == 1);
}

}  // namespace splitmx::smtp
