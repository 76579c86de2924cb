// STARTTLS and AUTH as the server's session sees them.
#include "smtp/server_session.hpp"
#include "support/session_script.hpp"

#include <catch2/catch.hpp>

namespace splitmx::smtp {

using namespace tests;

namespace {

ServerSettings settings(AuthOffer auth = AuthOffer::never) {
    ServerSettings some;
    some.hostname = "relay1.example.com";
    some.offered.add(Extension::starttls);
    some.auth = auth;
    return some;
}

void check(std::vector<Turn> turns, ServerSettings const& with) {
    turns.insert(turns.begin(), S("220 "));
    for (auto const feeding : {Feeding::bursts, Feeding::octets}) {
        CHECK(play(turns, with, feeding) == "");
    }
}

std::vector<Turn> hello(std::vector<std::string> extensions) {
    std::vector<Turn> turns{C("EHLO client.example"), S("250-relay1.example.com")};
    for (auto& one : extensions)
        turns.push_back(S((&one == &extensions.back() ? "250 " : "250-") + one));
    return turns;
}

std::vector<Turn> operator+(std::vector<Turn> a, std::vector<Turn> const& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::vector<std::string> const in_clear{
    "PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS"};
std::vector<std::string> const plain{
    "PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"};
std::vector<std::string> const with_auth{
    "PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"};

std::vector<Turn> const starttls{C("STARTTLS"), S("220 2.0.0 ")};
auto const anna = C("AUTH PLAIN AGFubmEAc2VjcmV0");           // \0anna\0secret
auto const wrong = C("AUTH PLAIN AGFubmEAd3Jvbmc=");          // \0anna\0wrong
auto const empty = C("AUTH PLAIN AGFubmEA");                  // \0anna\0
auto const somebody_else = C("AUTH PLAIN YgBhAHNlY3JldA==");  // b\0a\0secret

}  // namespace

TEST_CASE("STARTTLS: offered once, and all that was said before is forgotten") {
    check(
        hello(in_clear) + starttls + hello(plain) + std::vector{C("STARTTLS"), S("503 5.5.1 ")},
        settings()
    );
    check(
        hello(in_clear) +
            std::vector{
                C("MAIL FROM:<a@example.com>"),
                S("250 "),
                C("RCPT TO:<b@example.com>"),
                S("250 "),
                C("STARTTLS"),
                S("220 2.0.0 "),
                C("DATA"),
                S("503 5.5.1 "),
                C("MAIL FROM:<a@example.com>"),
                S("503 5.5.1 EHLO or HELO first")},
        settings()
    );
}

TEST_CASE("STARTTLS: whoever says more before its reply is an attacker's voice") {
    auto const after = GENERATE(
        std::string("MAIL FROM:<evil@example.com>\r\n"),
        std::string("NOOP\r\n"),
        std::string("\x16\x03\x01", 3),
        std::string("x")
    );
    auto const turns = hello(in_clear) + std::vector{
                                             C_raw("STARTTLS\r\n" + after),
                                             S("503 5.5.1 Nothing may follow STARTTLS"),
                                             Turn{Turn::Kind::closed, {}}};
    auto all = turns;
    all.insert(all.begin(), S("220 "));
    CHECK(play(all, settings(), Feeding::bursts) == "");
}

TEST_CASE("STARTTLS: refused") {
    auto const row =
        GENERATE(std::pair("STARTTLS now", "501 5.5.4 "), std::pair("starttls", "220 2.0.0 "));
    check(hello(in_clear) + std::vector{C(row.first), S(row.second)}, settings());
    ServerSettings none;
    none.hostname = "relay1.example.com";
    check(hello(plain) + std::vector{C("STARTTLS"), S("502 5.5.1 ")}, none);

    ServerPlayer player(settings(), Feeding::bursts);
    player.tls_available = false;
    player.send("EHLO client.example\r\nSTARTTLS\r\n");
    CHECK(player.output.find("454 4.7.0 TLS is not available") != std::string::npos);
    CHECK_FALSE(player.session.is_tls());
    player.send("MAIL FROM:<a@example.com>\r\n");
    CHECK(player.output.find("250 2.1.0") != std::string::npos);  // in clear, as before
}

TEST_CASE("STARTTLS demanded: nothing else before it") {
    auto with = settings();
    with.require_tls = true;
    for (auto const* line :
         {"HELO client.example",
          "MAIL FROM:<a@example.com>",
          "RCPT TO:<b@example.com>",
          "DATA",
          "RSET",
          "VRFY a",
          "HELP",
          "AUTH PLAIN",
          "NONSENSE"}) {
        INFO(line);
        check({C(line), S("530 5.7.0 ")}, with);
    }
    check(
        hello(in_clear) + std::vector{C("NOOP"), S("250 ")} + starttls + hello(plain) +
            std::vector{C("MAIL FROM:<a@example.com>"), S("250 ")},
        with
    );
    check({C("QUIT"), S("221 "), Turn{Turn::Kind::closed, {}}}, with);
}

TEST_CASE("implicit TLS: no STARTTLS, and AUTH at once") {
    auto with = settings(AuthOffer::under_tls);
    with.implicit_tls = true;
    with.require_tls = true;
    check(hello(with_auth) + std::vector{anna, S("235 2.7.0 ")} + hello(plain), with);
}

TEST_CASE("AUTH: only where nobody can listen, unless it is said otherwise") {
    auto const under_tls = settings(AuthOffer::under_tls);
    check(hello(in_clear) + std::vector{anna, S("538 5.7.11 ")}, under_tls);
    check(
        hello(in_clear) + starttls + hello(with_auth) + std::vector{anna, S("235 2.7.0 ")},
        under_tls
    );
    check(hello(in_clear) + std::vector{anna, S("502 5.5.1 ")}, settings());
    auto always = settings(AuthOffer::always);
    always.offered.remove(Extension::starttls);
    check(hello(with_auth) + std::vector{anna, S("235 2.7.0 ")}, always);
}

TEST_CASE("AUTH: its dialogues, and what breaks them") {
    auto with = settings(AuthOffer::always);
    with.implicit_tls = true;
    std::vector<std::vector<Turn>> const dialogues{
        {C("AUTH LOGIN"),
         S("334 VXNlcm5hbWU6"),
         C("YW5uYQ=="),
         S("334 UGFzc3dvcmQ6"),
         C("c2VjcmV0"),
         S("235 2.7.0 ")},
        {C("AUTH LOGIN YW5uYQ=="), S("334 UGFzc3dvcmQ6"), C("c2VjcmV0"), S("235 2.7.0 ")},
        {C("auth plain"), S("334 "), C("AGFubmEAc2VjcmV0"), S("235 2.7.0 ")},
        {C("AUTH PLAIN"), S("334 "), C("*"), S("501 5.7.0 "), C("NOOP"), S("250 ")},
        {C("AUTH LOGIN"), S("334 "), C("STOP!"), S("501 5.5.2 "), C("NOOP"), S("250 ")},
        {C("AUTH LOGIN"), S("334 "), C_raw("a\nb\r\n"), S("501 5.5.2 "), C("NOOP"), S("250 ")},
        {C("AUTH LOGIN"),
         S("334 "),
         C(std::string(3000, 'a')),
         S("501 5.5.2 "),
         C("NOOP"),
         S("250 ")},
        {C("AUTH"), S("501 5.5.4 ")},
        {C("AUTH CRAM-MD5"), S("504 5.5.4 ")},
        {C("AUTH PLAIN a b"), S("501 5.5.2 ")},
        {C("AUTH PLAIN ="), S("501 5.5.2 ")},
        {anna, S("235 2.7.0 "), anna, S("503 5.5.1 ")},
        {C("MAIL FROM:<a@example.com>"), S("250 "), anna, S("503 5.5.1 AUTH comes before MAIL")},
        {wrong, S("535 5.7.8 "), anna, S("235 2.7.0 ")},
        {empty, S("535 5.7.8 ")},
        {somebody_else, S("535 5.7.8 ")},
        {C("AUTH PLAIN AGxhdGVyAHNlY3JldA=="), S("454 4.7.0 "), anna, S("235 2.7.0 ")},
        {C("AUTH PLAIN AG9mdGVuAHNlY3JldA=="), S("421 4.7.0 "), Turn{Turn::Kind::closed, {}}},
        {wrong,
         S("535 5.7.8 "),
         empty,
         S("535 5.7.8 "),
         wrong,
         S("421 4.7.0 Too many failed logins"),
         Turn{Turn::Kind::closed, {}}},
    };
    for (auto const& dialogue : dialogues) {
        INFO(dialogue.front().text);
        check(hello(with_auth) + dialogue, with);
    }
    check({C("HELO client.example"), S("250 "), anna, S("503 5.5.1 EHLO first")}, with);
    check({anna, S("503 5.5.1 EHLO first")}, with);
}

TEST_CASE("AUTH: who it was is kept to the end of the session, but not across STARTTLS") {
    ServerPlayer player(settings(AuthOffer::always), Feeding::bursts);
    player.send("EHLO client.example\r\n" + anna.text);
    CHECK(player.session.identity() == "anna");
    player.send("RSET\r\nEHLO client.example\r\n");
    CHECK(player.session.identity() == "anna");
    player.send("STARTTLS\r\n");
    CHECK(player.session.is_tls());
    CHECK_FALSE(player.session.identity());
}

}  // namespace splitmx::smtp
