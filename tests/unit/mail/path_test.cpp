#include "mail/path.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

TEST_CASE("reverse-path: null is a state") {
    for (auto const* text : {"<>", ""}) {
        auto const path = ReversePath::parse(text);
        REQUIRE(path.has_value());
        CHECK(path->is_null());
        CHECK(path->to_wire().empty());
        CHECK(path->to_log() == "<>");
        CHECK(*path == ReversePath());
    }
}

TEST_CASE("reverse-path: forms") {
    struct Row {
        std::string text;
        std::string wire;
    };
    auto const row = GENERATE(
        Row{"<a@b.example>", "a@b.example"},
        Row{"a@b.example", "a@b.example"},
        Row{"<@one.example,@two.example:a@b.example>", "a@b.example"},
        Row{"<@[IPv6:::1]:a@b.example>", "a@b.example"},
        Row{"<\"a:b\"@b.example>", "\"a:b\"@b.example"},
        Row{"<" + std::string(200, 'v') + "@b.example>", std::string(200, 'v') + "@b.example"}
    );
    INFO(row.text);
    auto const path = ReversePath::parse(row.text);
    REQUIRE(path.has_value());
    CHECK(path->to_wire() == row.wire);
    CHECK(path->to_log() == "<" + row.wire + ">");
}

TEST_CASE("reverse-path: what is none") {
    auto const text = GENERATE(
        std::string("<a@b"),
        std::string("a@b>"),
        std::string("<<a@b>>"),
        std::string("<a>"),
        std::string("< >"),
        std::string("<@relay.example>"),
        std::string("<@relay.example a@b>"),
        std::string("<@relay.example:>"),  // a route to nobody is not nobody
        std::string("<a@b\r\n>"),
        "<" + std::string(250, 'a') + "@b.example>"
    );
    INFO(text);
    CHECK_FALSE(ReversePath::parse(text).has_value());
}

TEST_CASE("forward-path: typed form, wire form") {
    struct Row {
        std::string text;
        std::string typed;
        std::string wire;
        bool bare;
    };
    auto const row = GENERATE(
        Row{"<Zoe@Contoso.COM>", "Zoe@Contoso.COM", "Zoe@contoso.com", false},
        Row{"<@relay:Zoe@contoso.com>", "Zoe@contoso.com", "Zoe@contoso.com", false},
        Row{"<\"zoe\"@contoso.com>", "\"zoe\"@contoso.com", "zoe@contoso.com", false},
        Row{"<postMaster>", "postMaster", "Postmaster", true},
        Row{"Postmaster", "Postmaster", "Postmaster", true},
        Row{"<postmaster@contoso.com>", "postmaster@contoso.com", "postmaster@contoso.com", false}
    );
    INFO(row.text);
    auto const path = ForwardPath::parse(row.text);
    REQUIRE(path.has_value());
    CHECK(path->typed() == row.typed);
    CHECK(path->to_wire() == row.wire);
    CHECK(path->to_log() == "<" + row.wire + ">");
    CHECK(path->is_bare_postmaster() == row.bare);
}

TEST_CASE("forward-path: never null, never without a domain") {
    auto const text = GENERATE(
        std::string(""),
        std::string("<>"),
        std::string("<zoe>"),
        std::string("<zoe@>"),
        std::string("<@contoso.com>"),
        "<" + std::string(65, 'a') + "@b.example>"
    );
    INFO(text);
    CHECK_FALSE(ForwardPath::parse(text).has_value());
}

TEST_CASE("paths: blanks are nowhere but in quotes") {
    auto const path = GENERATE(
        as<std::string>{},
        "<a@\tb.example>",
        "<a@ b.example>",
        "<a@b.example >",
        "<a@b.example\t>",
        "<a @b.example>",
        "< a@b.example>",
        "<a@ [192.0.2.1]>",
        "<\"a@ b\"@\tb.example>",
        "<@ one.example:a@b.example>",
        "<@one.example\t,@two.example:a@b.example>",
        "<@one.example:a@ b.example>"
    );
    INFO(path);
    CHECK_FALSE(ReversePath::parse(path).has_value());
    CHECK_FALSE(ForwardPath::parse(path).has_value());
    CHECK(ForwardPath::parse("<\"a@ b \"@b.example>").has_value());
}

TEST_CASE("forward-path: equality is that of the mailbox") {
    CHECK(*ForwardPath::parse("<A@b>") == *ForwardPath::parse("a@B"));
    CHECK(*ForwardPath::parse("postmaster") == *ForwardPath::parse("<POSTMASTER>"));
    CHECK_FALSE(*ForwardPath::parse("postmaster") == *ForwardPath::parse("postmaster@b"));
    CHECK(ForwardPath(*Mailbox::parse("A@b")).typed() == "A@b");
}
