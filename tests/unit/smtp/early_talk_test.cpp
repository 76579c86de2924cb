// Who does not wait for a reply that has to be waited for (RFC 5321 3.1, RFC 2920 3.1).
#include "tests/support/session_script.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

using tests::Feeding;
using tests::ServerPlayer;

ServerSettings strict() {
    ServerSettings settings;
    settings.hostname = "mx.example.com";
    settings.refuse_early_talk = true;
    return settings;
}

std::string const hello = "EHLO client\r\n";
std::string const group =
    "MAIL FROM:<ann@example.org>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\n";
std::string const farewell = "554 5.5.0 You talk before it is your turn";

}  // namespace

TEST_CASE("early talk: octets before the greeting stand in its way") {
    ServerSession session(strict());
    session.feed("E");
    CHECK(session.next() == ServerSession::Step::close);
    CHECK(session.take_output().starts_with(farewell));
}

TEST_CASE("early talk: what RFC 2920 allows in one burst is answered") {
    ServerPlayer player(strict(), Feeding::bursts);
    player.send(hello);
    player.send("RSET\r\n" + group);
    player.send("x\r\n.\r\nRSET\r\nMAIL FROM:<ann@example.org>\r\nQUIT\r\nNOOP\r\n");
    CHECK(player.kept.size() == 1);
    CHECK(player.output.find("554") == std::string::npos);
    CHECK(player.output.find("221 2.0.0") != std::string::npos);
}

TEST_CASE("early talk: a reply that has to be waited for ends a burst") {
    auto const burst = GENERATE(
        as<std::string>{},
        "HELO client\r\nMAIL FROM:<ann@example.org>\r\n",
        "HELO client\r\nM"
    );
    ServerPlayer player(strict(), Feeding::bursts);
    player.output.clear();
    player.send(burst);
    CHECK(player.output.starts_with(farewell));
    CHECK(player.closed);
    CHECK(player.envelopes.empty());
}

TEST_CASE("early talk: a script may go on behind EHLO") {
    ServerPlayer player(strict(), Feeding::bursts);
    player.send("NOOP\r\n" + hello + "MAIL FROM:<ann@example.org>\r\nQUIT\r\n");
    CHECK(player.output.find("554") == std::string::npos);
    CHECK(player.output.find("250 2.1.0 ") != std::string::npos);
}

TEST_CASE("early talk: content does not come before 354") {
    ServerPlayer player(strict(), Feeding::bursts);
    player.send(hello);
    player.output.clear();
    player.send(group + "Subject: x\r\n\r\nx\r\n.\r\nMAIL FROM:<eve@example.org>\r\n");
    CHECK(player.output.find("354") == std::string::npos);
    CHECK(player.output.find(farewell) != std::string::npos);
    CHECK(player.closed);
    CHECK(player.kept.empty());
}

TEST_CASE("early talk: who leaves behind a DATA that is refused has said no content") {
    ServerPlayer player(strict(), Feeding::bursts);
    player.send(hello);
    player.output.clear();
    SECTION("every recipient is refused") {
        player.send("MAIL FROM:<ann@example.org>\r\nRCPT TO:<refused@b>\r\nDATA\r\nquit\r\n");
        CHECK(
            player.output.find("\r\n554 5.5.1 No valid recipients\r\n221 2.0.0 ") !=
            std::string::npos
        );
    }
    SECTION("the sender is") {
        player.send("MAIL FROM:<ann\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nQUIT\r\n");
        CHECK(
            player.output.find("\r\n503 5.5.1 RCPT first, please\r\n221 2.0.0 ") !=
            std::string::npos
        );
    }
    CHECK(player.closed);
    CHECK(player.output.find(farewell) == std::string::npos);
}

TEST_CASE("early talk: what may be content is not run behind a DATA that is refused") {
    auto const rest = GENERATE(
        as<std::string>{},
        "Subject: x\r\n\r\nMAIL FROM:<eve@example.org>\r\n",
        "RSET\r\nMAIL FROM:<eve@example.org>\r\n",
        "QUITE\r\n",
        ".\r\n",
        "\r\n"
    );
    ServerPlayer player(strict(), Feeding::bursts);
    player.send(hello);
    player.send("MAIL FROM:<ann@example.org>\r\nRCPT TO:<refused@b>\r\nDATA\r\n" + rest);
    CHECK(player.output.find("\r\n" + farewell) != std::string::npos);
    CHECK(player.closed);
}

TEST_CASE("early talk: QUIT behind a DATA that would be taken is cut off") {
    ServerPlayer player(strict(), Feeding::bursts);
    player.send(hello + group + "QUIT\r\n");
    CHECK(player.output.find("354") == std::string::npos);
    CHECK(player.output.find("\r\n" + farewell) != std::string::npos);
    CHECK(player.closed);
}

TEST_CASE("early talk: after HELO every reply is waited for") {
    ServerPlayer player(strict(), Feeding::bursts);
    player.send("HELO client\r\n");
    player.output.clear();
    SECTION("who waits is served") {
        player.send("NOOP\r\n");
        CHECK(player.output == "250 2.0.0 OK\r\n");
    }
    SECTION("who does not is not") {
        player.send(group);
        CHECK(player.output.starts_with(farewell));
        CHECK(player.closed);
    }
}

TEST_CASE("a line that ends in LF alone is not waited on for long") {
    ServerPlayer player(strict(), Feeding::bursts);
    CHECK(player.session.time_out().to_log() == "421 4.4.2 Timed out, closing the connection");
    player.send("EHLO client\n");
    CHECK(player.session.time_limit() == bare_line_feed_timeout);
    CHECK(player.session.time_out().to_log().starts_with("421 4.5.2 Lines end in CRLF"));
    player.send("MAIL FROM:<ann@example.org>\r\n");
    CHECK(player.output.ends_with("500 5.5.2 CR, LF or NUL inside a command line\r\n"));
    CHECK(player.session.time_limit() == default_command_timeout);
}

}  // namespace splitmx::smtp
