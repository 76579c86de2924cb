// TLS and AUTH as the client's session sees them.
#include "smtp/client_session.hpp"
#include "tests/support/client_sessions.hpp"

#include <catch2/catch.hpp>

namespace splitmx::smtp {

namespace {

using Step = ClientSession::Step;

ClientSettings settings(TlsWish tls, std::optional<Credentials> login = std::nullopt) {
    ClientSettings some;
    some.hostname = "relay1.example.com";
    some.tls = tls;
    some.login = std::move(login);
    return some;
}

Credentials const relay1{"relay1", "secret"};

// The peer says something; what comes back is the step, and then the commands.
struct Talk {
    explicit Talk(ClientSettings with) : session(std::move(with)) {}

    Step hear(std::string_view replies) {
        session.feed(replies);
        auto const step = session.next();
        said = session.take_output();
        return step;
    }

    Step hello(std::string_view extensions) {
        hear("220 mx ready\r\n");
        CHECK(said == "EHLO relay1.example.com\r\n");
        return hear("250-mx\r\n" + std::string(extensions));
    }

    // A handshake that works, and the hello behind it.
    Step handshake(std::string_view extensions) {
        CHECK(said == "STARTTLS\r\n");
        CHECK(hear("220 2.0.0 go\r\n") == Step::start_tls);
        session.tls_started();
        session.next();
        CHECK(session.take_output() == "EHLO relay1.example.com\r\n");
        return hear("250-mx\r\n" + std::string(extensions));
    }

    std::string why() const { return session.failure() ? session.failure()->to_log() : ""; }

    ClientSession session;
    std::string said;
};

}  // namespace

TEST_CASE("client: STARTTLS where it is offered and wished for") {
    struct Row {
        TlsWish wish;
        char const* offered;
        Step step;
        char const* said;
        char const* why;
    };
    auto const row = GENERATE(
        Row{TlsWish::none, "250 STARTTLS\r\n", Step::idle, "", ""},
        Row{TlsWish::if_offered, "250 STARTTLS\r\n", Step::need_reply, "STARTTLS\r\n", ""},
        Row{TlsWish::if_offered, "250 SIZE\r\n", Step::idle, "", ""},
        Row{TlsWish::needed, "250 STARTTLS\r\n", Step::need_reply, "STARTTLS\r\n", ""},
        Row{TlsWish::needed,
            "250 SIZE\r\n",
            Step::closed,
            "QUIT\r\n",
            "451 4.7.0 The host offers no TLS, and mail for it must not go in clear"}
    );
    INFO(row.offered);
    Talk talk(settings(row.wish));
    CHECK(talk.hello(row.offered) == row.step);
    CHECK(talk.said == row.said);
    CHECK(talk.why() == row.why);
}

TEST_CASE("client: what was offered in clear does not count under TLS") {
    Talk talk(settings(TlsWish::if_offered));
    talk.hello("250-PIPELINING\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
    CHECK(talk.handshake("250 8BITMIME\r\n") == Step::idle);
    CHECK(talk.session.is_tls());
    CHECK_FALSE(talk.session.peer_offers(Extension::pipelining));
    CHECK_FALSE(talk.session.peer_offers(Extension::starttls));
    CHECK(talk.session.peer_size_limit() == 0);
    CHECK(talk.session.peer_offers(Extension::eight_bit_mime));
}

TEST_CASE("client: nothing may come behind the 220 in clear") {
    auto const more = GENERATE("250 you may go on\r\n", "250 half a re", "x");
    Talk talk(settings(TlsWish::if_offered));
    talk.hello("250 STARTTLS\r\n");
    CHECK(talk.hear("220 2.0.0 go\r\n" + std::string(more)) == Step::closed);
    CHECK_THAT(talk.why(), Catch::Matchers::StartsWith("451 4.5.0 The host broke the protocol"));
}

TEST_CASE("client: STARTTLS refused, and a handshake that fails") {
    Talk may(settings(TlsWish::if_offered));
    may.hello("250-SIZE 1000\r\n250 STARTTLS\r\n");
    CHECK(may.hear("454 4.7.0 not now\r\n") == Step::idle);
    CHECK(may.session.peer_size_limit() == 1000);

    Talk needed(settings(TlsWish::needed));
    needed.hello("250 STARTTLS\r\n");
    CHECK(needed.hear("454 4.7.0 not now\r\n") == Step::closed);
    CHECK(needed.why() == "451 4.7.0 The host refuses STARTTLS: 454 4.7.0 not now");

    Talk broken(settings(TlsWish::needed));
    broken.hello("250 STARTTLS\r\n");
    CHECK(broken.hear("220 2.0.0 go\r\n") == Step::start_tls);
    broken.session.tls_failed("the certificate is not for a, but for b");
    CHECK(broken.session.next() == Step::closed);
    CHECK(broken.why() == "451 4.7.0 TLS handshake: the certificate is not for a, but for b");

    Talk lost(settings(TlsWish::needed));
    lost.hello("250 STARTTLS\r\n");
    lost.hear("220 2.0.0 go\r\n");
    lost.session.connection_lost("Timed out");
    CHECK(lost.why() == "451 4.4.2 Timed out during TLS handshake");
}

TEST_CASE("client: a host that demands the TLS that has failed makes mail wait") {
    auto const replies = GENERATE(
        "530 5.7.0 Must issue a STARTTLS command first\r\n",
        "250 ok\r\n530 5.7.0 Must issue a STARTTLS command first\r\n"
    );
    auto const begin = [&](Talk& talk) {
        talk.session.begin(tests::delivery_to({"a@x"}));
        talk.session.next();
        return talk.hear(replies);
    };
    auto const expected =
        "451 4.7.0 The host demands TLS, which has failed: "
        "530 5.7.0 Must issue a STARTTLS command first";
    auto again = settings(TlsWish::none);
    again.is_fallback = true;
    Talk in_clear(again);
    in_clear.hello("250 PIPELINING\r\n");
    CHECK(begin(in_clear) == Step::closed);
    CHECK(in_clear.said == "QUIT\r\n");
    CHECK(in_clear.session.outcomes()[0].to_log() == expected);
    CHECK(in_clear.session.failure_is_ours());

    Talk refused(settings(TlsWish::if_offered));
    refused.hello("250-PIPELINING\r\n250 STARTTLS\r\n");
    refused.hear("454 4.7.0 not now\r\n");
    CHECK(begin(refused) == Step::closed);
    CHECK(refused.session.outcomes()[0].to_log() == expected);

    // Who has not tried is told so for good.
    Talk off(settings(TlsWish::none));
    off.hello("250 PIPELINING\r\n");
    begin(off);
    CHECK(off.session.outcomes()[0].to_log() == "530 5.7.0 Must issue a STARTTLS command first");
}

TEST_CASE("client: who we are, under TLS alone") {
    Talk plain(settings(TlsWish::needed, relay1));
    plain.hello("250 STARTTLS\r\n");
    CHECK(plain.handshake("250 AUTH LOGIN PLAIN\r\n") == Step::need_reply);
    CHECK(plain.said == "AUTH PLAIN AHJlbGF5MQBzZWNyZXQ=\r\n");
    CHECK(plain.hear("235 2.7.0 welcome\r\n") == Step::idle);

    Talk login(settings(TlsWish::needed, relay1));
    login.hello("250 STARTTLS\r\n");
    login.handshake("250 AUTH CRAM-MD5 LOGIN\r\n");
    CHECK(login.said == "AUTH LOGIN\r\n");
    login.hear("334 VXNlcm5hbWU6\r\n");
    CHECK(login.said == "cmVsYXkx\r\n");
    login.hear("334 UGFzc3dvcmQ6\r\n");
    CHECK(login.said == "c2VjcmV0\r\n");
    CHECK(login.hear("235 2.7.0 welcome\r\n") == Step::idle);

    Talk in_clear(settings(TlsWish::if_offered, relay1));
    CHECK(in_clear.hello("250 AUTH PLAIN\r\n") == Step::closed);
    CHECK(in_clear.said == "QUIT\r\n");
    CHECK(
        in_clear.why() == "451 4.7.0 The host offers no TLS, and a password is sent under TLS alone"
    );
}

TEST_CASE("client: a login that does not work makes mail wait, and says why") {
    struct Row {
        char const* offered;
        char const* reply;
        char const* why;
    };
    auto const row = GENERATE(
        Row{"250 AUTH PLAIN\r\n",
            "535 5.7.8 no\r\n",
            "451 4.7.0 The host refuses the login relay1: 535 5.7.8 no"},
        Row{"250 AUTH PLAIN\r\n",
            "454 4.7.0 later\r\n",
            "451 4.7.0 The host refuses the login relay1: 454 4.7.0 later"},
        Row{"250 AUTH CRAM-MD5\r\n",
            "",
            "451 4.7.0 The host offers neither AUTH PLAIN nor AUTH LOGIN"},
        Row{"250 SIZE\r\n", "", "451 4.7.0 The host offers neither AUTH PLAIN nor AUTH LOGIN"}
    );
    Talk talk(settings(TlsWish::needed, relay1));
    talk.hello("250 STARTTLS\r\n");
    talk.handshake(row.offered);
    CHECK(talk.hear(row.reply) == Step::closed);
    CHECK(talk.why() == row.why);

    Talk endless(settings(TlsWish::needed, relay1));
    endless.hello("250 STARTTLS\r\n");
    endless.handshake("250 AUTH PLAIN\r\n");
    CHECK(endless.hear("334 more\r\n") == Step::need_reply);
    CHECK(endless.said == "*\r\n");
    CHECK(endless.hear("501 5.7.0 cancelled\r\n") == Step::closed);
}

}  // namespace splitmx::smtp
