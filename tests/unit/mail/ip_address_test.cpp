#include "mail/ip_address.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::mail;

TEST_CASE("IP address: forms") {
    struct Row {
        char const* text;
        char const* rendered;
        char const* literal;
        bool v4;
        bool loopback;
    };
    auto const row = GENERATE(
        Row{"192.0.2.1", "192.0.2.1", "[192.0.2.1]", true, false},
        Row{"127.8.9.1", "127.8.9.1", "[127.8.9.1]", true, true},
        Row{"2001:DB8:0:0::1", "2001:db8::1", "[IPv6:2001:db8::1]", false, false},
        Row{"::1", "::1", "[IPv6:::1]", false, true},
        Row{"::", "::", "[IPv6:::]", false, false},
        Row{"100::1", "100::1", "[IPv6:100::1]", false, false},
        Row{"::ffff:192.0.2.1", "192.0.2.1", "[192.0.2.1]", true, false},
        Row{"::ffff:127.0.0.1", "127.0.0.1", "[127.0.0.1]", true, true}
    );
    INFO(row.text);
    auto const address = IpAddress::parse(row.text);
    REQUIRE(address.has_value());
    CHECK(address->to_text() == row.rendered);
    CHECK(address->to_literal() == row.literal);
    CHECK(address->is_v4() == row.v4);
    CHECK(address->is_loopback() == row.loopback);
    CHECK(address->bits() == (row.v4 ? 32u : 128u));
}

TEST_CASE("IP address: what is none") {
    auto const text = GENERATE(
        std::string(""),
        std::string("192.0.2"),
        std::string("192.0.2.256"),
        std::string("192.0.2.1 "),
        std::string("[192.0.2.1]"),
        std::string("fe80::1%eth0"),
        std::string("example.com"),
        std::string("1.2.3.4\0", 8)
    );
    INFO(text);
    CHECK_FALSE(IpAddress::parse(text).has_value());
}

TEST_CASE("IP address: families never compare equal") {
    CHECK_FALSE(*IpAddress::parse("0.0.0.0") == *IpAddress::parse("::"));
    CHECK_FALSE(IpAddress::parse("1.0.0.0")->shares_prefix(*IpAddress::parse("100::"), 8));
}

TEST_CASE("network: membership") {
    struct Row {
        char const* network;
        char const* inside;
        char const* outside;
    };
    auto const row = GENERATE(
        Row{"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
        Row{"10.0.0.0/255.0.0.0", "10.255.0.1", "11.0.0.0"},
        Row{"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
        Row{"192.0.2.1", "192.0.2.1", "192.0.2.2"},
        Row{"192.0.2.1/32", "::ffff:192.0.2.1", "192.0.2.0"},
        Row{"::ffff:192.0.2.0/24", "192.0.2.9", "192.0.3.9"},
        Row{"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        Row{"::/0", "2001:db8::1", "192.0.2.1"},
        Row{"0.0.0.0/0", "192.0.2.1", "::1"},
        Row{"::1", "::1", "::2"}
    );
    INFO(row.network);
    auto const network = Network::parse(row.network);
    REQUIRE(network.has_value());
    CHECK(network->contains(*IpAddress::parse(row.inside)));
    CHECK_FALSE(network->contains(*IpAddress::parse(row.outside)));
    CHECK(*Network::parse(network->to_text()) == *network);
}

TEST_CASE("network: mistakes are errors, not networks that match nothing") {
    auto const text = GENERATE(
        "10.0.0.1/8",            // host bits (Q193922)
        "10.1.0.0/255.0.0.0",    // host bits
        "10.0.0.0/255.0.255.0",  // not contiguous
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "10.0.0.0/8 ",
        "10.0.0.0/8/8",
        "10.0.0.0/ffff::",
        "2001:db8::1/64",
        "2001:db8::/255.0.0.0",
        "2001:db8::/129",
        "example.com/8",
        "/8",
        ""
    );
    INFO(text);
    CHECK_FALSE(Network::parse(text).has_value());
}

TEST_CASE("network: everything") {
    CHECK(Network::parse("0.0.0.0/0")->is_everything());
    CHECK(Network::parse("::/0")->is_everything());
    CHECK_FALSE(Network::parse("0.0.0.0/1")->is_everything());
}
