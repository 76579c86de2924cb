// Who guesses addresses: slower with each wrong one, and sent away (Q304897).
#include "tests/support/session_script.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

namespace {

using namespace std::chrono_literals;
using tests::Feeding;
using tests::ServerPlayer;

ServerSettings settings(unsigned limit) {
    ServerSettings settings;
    settings.hostname = "mx.example.com";
    settings.unknown_limit = limit;
    return settings;
}

std::string recipients(std::string const& name, int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "RCPT TO:<" + name + "@example.com>\r\n";
    return lines;
}

std::size_t count(std::string const& text, std::string const& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("harvest: the first unknown recipients cost nothing, each further one more time") {
    ServerPlayer player(settings(100), Feeding::bursts);
    player.send("EHLO c\r\n");
    player.send("MAIL FROM:<>\r\n" + recipients("refused", 3));
    CHECK(player.session.take_delay() == 0s);
    for (auto const wait : {2s, 4s, 6s, 8s, 10s, 10s}) {
        player.send(recipients("refused", 1));
        CHECK(player.session.take_delay() == wait);
        CHECK(player.session.take_delay() == 0s);  // once
    }
    player.send(recipients("bob", 1) + recipients("later", 1));
    CHECK(player.session.take_delay() == 0s);
    player.send(recipients("refused", 50));
    CHECK(player.session.take_delay() == longest_delay);
}

TEST_CASE("harvest: it is the session that counts, not the message") {
    ServerPlayer player(settings(100), Feeding::bursts);
    player.send("EHLO c\r\n");
    for (int i = 0; i < 3; ++i) player.send("MAIL FROM:<>\r\n" + recipients("refused", 1) + "RSET\r\n");
    CHECK(player.session.take_delay() == 0s);
    player.send("EHLO c\r\n");
    player.send("MAIL FROM:<>\r\n" + recipients("refused", 1));
    CHECK(player.session.take_delay() == 2s);
}

TEST_CASE("harvest: too many end the session, in the middle of a burst too") {
    ServerPlayer player(settings(5), Feeding::bursts);
    player.send("EHLO c\r\n");
    player.output.clear();
    player.send("MAIL FROM:<>\r\n" + recipients("refused", 20) + "QUIT\r\n");
    CHECK(count(player.output, "550 5.1.1 ") == 4);
    CHECK(player.output.ends_with("421 4.7.0 Too many unknown recipients, closing the connection\r\n"));
    CHECK(player.closed);
}

TEST_CASE("harvest: an old list with more known than unknown ones is no harvest") {
    ServerPlayer player(settings(5), Feeding::bursts);
    player.send("EHLO c\r\n");
    player.output.clear();
    player.send("MAIL FROM:<>\r\n" + recipients("bob", 10) + recipients("refused", 10));
    CHECK(count(player.output, "550 5.1.1 ") == 10);
    CHECK_FALSE(player.closed);
    player.send(recipients("refused", 1));
    CHECK(player.closed);
}

}  // namespace splitmx::smtp
