#include "smtp/reply.hpp"

#include "smtp/extensions.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>

namespace splitmx::smtp {

namespace {

using namespace std::string_literals;

}  // namespace

TEST_CASE("our replies on the wire") {
    struct Row {
        std::string name;
        mail::Status status;
        std::string wire;
    };
    auto const row = GENERATE(values<Row>({
        {"plain", {250, {1, 5}, "OK"}, "250 2.1.5 OK\r\n"},
        {"no text", {250, {0, 0}, ""}, "250 2.0.0\r\n"},
        {"no enhanced code", {354, {0, 0}, "Go"}, "354 Go\r\n"},
        {"lines",
         {550, {7, 1}, "one\ntwo\n\nfour"},
         "550-5.7.1 one\r\n550-5.7.1 two\r\n550-5.7.1\r\n550 5.7.1 four\r\n"},
        {"last line end", {550, {7, 1}, "one\n"}, "550 5.7.1 one\r\n"},
        {"foreign octets", {550, {7, 1}, "a\r250 \xc3\xa4\0\t"s}, "550 5.7.1 a?250 ????\r\n"},
    }));
    INFO(row.name);
    CHECK(to_wire(row.status) == row.wire);
}

TEST_CASE("a reply line never exceeds 512 octets and loses nothing") {
    for (std::string const word : {"word ", "0123456789", "a"}) {
        std::string text;
        while (text.size() < 2000) text += word;
        auto wire = to_wire(mail::Status{550, {1, 1}, text});
        std::string read;
        while (!wire.empty()) {
            auto const end = wire.find("\r\n");
            CHECK(end + 2 <= max_reply_line);
            CHECK(wire.compare(4, 6, "5.1.1 ") == 0);
            read += wire.substr(10, end - 10);
            if (word.back() == ' ') read += ' ';
            wire.erase(0, end + 2);
        }
        CHECK(read.substr(0, text.size()) == text);
    }
}

TEST_CASE("replies without enhanced codes") {
    CHECK(to_wire(220, std::array{"mx ESMTP"s}) == "220 mx ESMTP\r\n");
    CHECK(
        to_wire(250, ehlo_lines("mx", always_offered(), 7)) ==
        "250-mx\r\n250-PIPELINING\r\n250-SIZE 7\r\n250-8BITMIME\r\n"
        "250-SMTPUTF8\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n"
    );
}

TEST_CASE("a peer's replies are read, whole or octet by octet") {
    std::string const wire = "220 mx\r\n250-one\r\n250-\r\n250 three\r\n354\r\n";
    for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
        ReplyReader reader;
        std::string seen;
        for (std::size_t i = 0; i < wire.size(); i += piece) {
            reader.feed(std::string_view(wire).substr(i, piece));
            while (auto const reply = reader.next()) {
                REQUIRE(reply->has_value());
                seen += std::to_string((*reply)->code) + "[" + (*reply)->text + "]";
            }
        }
        CHECK(seen == "220[mx]250[one\n\nthree]354[]");
        CHECK(reader.empty());
    }
}

TEST_CASE("what is no reply is an error") {
    std::string many;
    for (std::size_t i = 0; i <= max_peer_reply_lines; ++i) many += "250-x\r\n";
    auto const wire = GENERATE_COPY(values<std::string>({
        "hello\r\n",
        "\r\n",
        "250 a\n250 b\r\n",
        "250 a\rb\r\n",
        "250 a\0b\r\n"s,
        "250-a\r\n251 b\r\n",
        "250-a\r\nb\r\n",
        "250 " + std::string(max_peer_reply_line, 'x') + "\r\n",
        "250 " + std::string(max_peer_reply_line, 'x'),
        many,
    }));
    CAPTURE(wire.substr(0, 40));
    ReplyReader reader;
    reader.feed(wire);
    auto const reply = reader.next();
    REQUIRE(reply.has_value());
    CHECK(reply->has_error());
}

TEST_CASE("half a reply is not yet one, and is not nothing") {
    ReplyReader reader;
    CHECK(reader.empty());
    reader.feed("250-a\r\n");
    CHECK_FALSE(reader.next().has_value());
    CHECK_FALSE(reader.empty());
}

TEST_CASE("the enhanced code is taken from every line") {
    struct Row {
        Reply reply;
        mail::Status status;
    };
    auto const row = GENERATE(values<Row>({
        {{550, "5.1.1 one\n5.1.1 two\n5.1.1"}, {550, {1, 1}, "one\ntwo\n"}},
        {{550, "5.1.1 one\ntwo"}, {550, {1, 1}, "one\ntwo"}},
        {{550, "one\n5.1.1 two"}, {550, {0, 0}, "one\n5.1.1 two"}},
        {{450, "5.1.1 one"}, {450, {0, 0}, "5.1.1 one"}},
        {{250, ""}, {250, {0, 0}, ""}},
    }));
    CAPTURE(row.reply.text);
    CHECK(row.reply.to_status() == row.status);
}

TEST_CASE("what a peer offers") {
    auto const offered =
        Extensions::parse("SIZE 5\nsize 1000\nPipelining\nX-OTHER\n8BITMIMEX\nENHANCEDSTATUSCODES");
    CHECK(offered.has(Extension::size));
    CHECK(offered.size_limit() == 1000);
    CHECK(offered.has(Extension::pipelining));
    CHECK(offered.has(Extension::enhanced_status_codes));
    CHECK_FALSE(offered.has(Extension::eight_bit_mime));

    CHECK_FALSE(Extensions::parse("PIPELINING").has(Extension::pipelining));
    CHECK(Extensions::parse("mx\nSIZE").size_limit() == 0);
    CHECK(Extensions::parse("mx\nSIZE").has(Extension::size));
    CHECK(Extensions::parse("mx\nSIZE many").size_limit() == 0);
    CHECK(Extensions::parse("mx\nSIZE 99999999999999999999").size_limit() == 0);
}

}  // namespace splitmx::smtp
