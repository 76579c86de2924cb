#include "smtp/syntax.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::smtp {

TEST_CASE("commands are a verb in any case and an argument") {
    struct Row {
        std::string line;
        Verb verb;
        std::string argument;
    };
    auto const row = GENERATE(values<Row>({
        {"MAIL FROM:<>", Verb::mail, "FROM:<>"},
        {"rCpT   TO:<a@b>  \t", Verb::rcpt, "TO:<a@b>"},
        {"DATA ", Verb::data, ""},
        {"HELO a b", Verb::helo, "a b"},
        {"ehlo a", Verb::ehlo, "a"},
        {"RSET", Verb::rset, ""},
        {"NOOP", Verb::noop, ""},
        {"QUIT", Verb::quit, ""},
        {"VRFY a", Verb::vrfy, "a"},
        {"EXPN a", Verb::expn, "a"},
        {"HELP", Verb::help, ""},
        {"", Verb::unknown, ""},
        {" NOOP", Verb::unknown, "NOOP"},
        {"NOOPS", Verb::unknown, ""},
        {"DATA\tx", Verb::unknown, ""},
    }));
    CAPTURE(row.line);
    auto const command = parse_command(row.line);
    CHECK(command.verb == row.verb);
    CHECK(command.argument == row.argument);
}

TEST_CASE("a path argument is a path and parameters") {
    auto const parsed = parse_path_argument("from: <\"a>\\\"b\"@c> SIZE=1  body=x FLAG", "FROM:");
    REQUIRE(parsed.has_value());
    CHECK(parsed->path == "<\"a>\\\"b\"@c>");
    REQUIRE(parsed->parameters.size() == 3);
    CHECK(parsed->parameters[0].keyword == "SIZE");
    CHECK(parsed->parameters[0].value == "1");
    CHECK(parsed->parameters[1].keyword == "body");
    CHECK(parsed->parameters[1].value == "x");
    CHECK(parsed->parameters[2].keyword == "FLAG");
    CHECK_FALSE(parsed->parameters[2].value);
}

TEST_CASE("a broken path argument is an error with its place") {
    struct Row {
        std::string argument;
        std::size_t at;
    };
    auto const row = GENERATE(values<Row>({
        {"", 0},
        {"FROM", 0},
        {"TO:<a@b>", 0},
        {"FROM:", 5},
        {"FROM: a@b", 6},
        {"FROM:<a@b", 9},
        {"FROM:<\"a@b>", 11},
        {"FROM:<\"a\\", 9},
        {"FROM:<a@b>x", 10},
        {"FROM:<a@b> -A", 11},
        {"FROM:<a@b> A_B", 11},
        {"FROM:<a@b> A=", 11},
        {"FROM:<a@b> OK A=b=c", 14},
        {"FROM:<a@b> A=\x7f", 11},
    }));
    CAPTURE(row.argument);
    auto const parsed = parse_path_argument(row.argument, "FROM:");
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().at == row.at);
}

TEST_CASE("reply lines") {
    struct Row {
        std::string line;
        int code;  // 0: no reply line
        bool is_last;
        std::string text;
    };
    auto const row = GENERATE(values<Row>({
        {"250 OK", 250, true, "OK"},
        {"250-first", 250, false, "first"},
        {"354", 354, true, ""},
        {"599 ", 599, true, ""},
        {"250-", 250, false, ""},
        {"", 0, false, ""},
        {"25", 0, false, ""},
        {"150 x", 0, false, ""},
        {"650 x", 0, false, ""},
        {"2x0 x", 0, false, ""},
        {"25x x", 0, false, ""},
        {"2500", 0, false, ""},
        {"250_x", 0, false, ""},
        {" 250 x", 0, false, ""},
    }));
    CAPTURE(row.line);
    auto const reply = parse_reply_line(row.line);
    REQUIRE(reply.has_value() == (row.code != 0));
    if (!reply) return;
    CHECK(reply->code == row.code);
    CHECK(reply->is_last == row.is_last);
    CHECK(reply->text == row.text);
}

TEST_CASE("what belongs to another protocol is known by its first octets") {
    using namespace std::string_literals;
    struct Row {
        std::string input;
        bool expected;
    };
    auto const row = GENERATE(values<Row>({
        {"GET / HTTP/1.1\r\n", true},
        {"Host: mx.example.com\r\n", true},
        {"\x16\x03\x01", true},
        {"SSH-2.0-OpenSSH_9.2\r\n", true},
        {"PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n", true},
        {"\r\n\r\n\0\r\nQUIT\n\x21"s, true},
        {"\r\n\r\nQUIT\r\n", false},
        {"PROXYING\r\n", false},
        {"EHLO proxy\r\n", false},
    }));
    CAPTURE(row.input);
    CHECK(is_foreign(row.input) == row.expected);
}

}  // namespace splitmx::smtp
