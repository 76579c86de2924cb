#include "mail/domain.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

TEST_CASE("domain: spellings of one name become one value") {
    struct Row {
        std::string text;
        std::string value;
    };
    auto const row = GENERATE(
        Row{"example.com", "example.com"},
        Row{"Example.COM", "example.com"},
        Row{"example.com.", "example.com"},
        Row{" \texample.com \t", "example.com"},
        Row{"localhost", "localhost"},
        Row{"a_b.example", "a_b.example"},
        Row{"1and1.example", "1and1.example"},
        Row{"b\xC3\xBC"
            "cher.example",
            "xn--bcher-kva.example"},
        Row{"B\xC3\x9C"
            "CHER.Example",
            "xn--bcher-kva.example"},
        Row{"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
        Row{"stra\xC3\x9F"
            "e.example",
            "xn--strae-oqa.example"},
        Row{std::string(63, 'a') + ".example", std::string(63, 'a') + ".example"}
    );
    INFO(row.text);
    auto const domain = Domain::parse(row.text);
    REQUIRE(domain.has_value());
    CHECK(domain->text() == row.value);
    CHECK_FALSE(domain->is_literal());
    CHECK(*Domain::parse(domain->text()) == *domain);
}

TEST_CASE("domain: what is no domain") {
    auto const text = GENERATE(
        std::string(""),
        std::string("."),
        std::string("   "),
        std::string("a..b"),
        std::string(".a"),
        std::string("a.."),
        std::string("-a.example"),
        std::string("a-.example"),
        std::string("a b.example"),
        std::string("a@b"),
        std::string("a\nb.example"),
        std::string("*.example"),
        std::string("a\0b", 3),
        std::string("\xff\xfe.example"),
        std::string("\xE2\x80\xA8.example"),
        std::string(64, 'a') + ".example",
        std::string("[192.0.2.1"),
        std::string("[]"),
        std::string("[192.0.2]"),
        std::string("[2001:db8::1]"),
        std::string("[IPv6:192.0.2.1]"),
        std::string("[IPv6:2001:db8::1%eth0]"),
        std::string("[192.0.2.1].example")
    );
    INFO(text);
    auto const domain = Domain::parse(text);
    REQUIRE_FALSE(domain.has_value());
    CHECK_FALSE(domain.error().what.empty());
}

TEST_CASE("domain: the length limit is 255 octets") {
    std::string name;
    for (int i = 0; i < 4; ++i) name += std::string(62, 'a') + ".";
    CHECK(Domain::parse(name + "com").has_value());         // 4 * 63 + 3 = 255
    CHECK_FALSE(Domain::parse(name + "coms").has_value());  // 256
}

TEST_CASE("domain: address literals") {
    auto const four = Domain::parse("[192.0.2.1]");
    REQUIRE(four.has_value());
    CHECK(four->is_literal());
    CHECK(four->address()->to_text() == "192.0.2.1");
    auto const six = Domain::parse("[ipv6:2001:DB8:0::1]");
    REQUIRE(six.has_value());
    CHECK(six->text() == "[IPv6:2001:db8::1]");
    // One machine, however it is written.
    CHECK(*Domain::parse("[IPv6:::ffff:192.0.2.1]") == *four);
    CHECK(Domain::literal(*IpAddress::parse("192.0.2.1")) == *four);
}

TEST_CASE("domain: below another one, by whole labels") {
    auto const within = [](char const* name, char const* parent) {
        return Domain::parse(name)->is_within(*Domain::parse(parent));
    };
    CHECK(within("example.com", "example.com"));
    CHECK(within("a.b.Example.com", "example.COM"));
    CHECK_FALSE(within("badexample.com", "example.com"));
    CHECK_FALSE(within("example.com", "a.example.com"));
    CHECK_FALSE(within("[192.0.2.1]", "[192.0.2.2]"));
    CHECK(within("[192.0.2.1]", "[192.0.2.1]"));
}

TEST_CASE("domain: parent") {
    CHECK(Domain::parse("a.b.example")->parent() == "b.example");
    CHECK(Domain::parse("example")->parent().empty());
    CHECK(Domain::parse("[192.0.2.1]")->parent().empty());
}
