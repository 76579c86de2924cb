#include "resolver/next_hop.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace splitmx;
using namespace splitmx::resolver;

namespace {

std::string render(HostAddress const& address) {
    if (auto const* named = std::get_if<NamedEndpoint>(&address.endpoint)) {
        return fmt::format("name {} {}", named->name.text(), named->port);
    }
    if (auto const* direct = std::get_if<AddressEndpoint>(&address.endpoint)) {
        return fmt::format("ip {} {}", direct->address.to_text(), direct->port);
    }
    if (auto const* mx = std::get_if<MxEndpoint>(&address.endpoint)) {
        return "mx " + mx->domain.text();
    }
    return "unix " + std::get<UnixEndpoint>(address.endpoint).path;
}

}  // namespace

TEST_CASE("host address: every form") {
    struct Row {
        char const* text;
        Protocol protocol;
        char const* meaning;
    };
    auto const row = GENERATE(
        Row{"mbx1.adatum.com", Protocol::smtp, "name mbx1.adatum.com 25"},
        Row{"mbx1.adatum.com", Protocol::lmtp, "name mbx1.adatum.com 24"},
        Row{"MBX1:2525", Protocol::smtp, "name mbx1 2525"},
        Row{"10.0.0.1", Protocol::smtp, "ip 10.0.0.1 25"},
        Row{"10.0.0.1:26", Protocol::lmtp, "ip 10.0.0.1 26"},
        Row{"[10.0.0.1]:26", Protocol::smtp, "ip 10.0.0.1 26"},
        Row{"[10.0.0.1]", Protocol::smtp, "ip 10.0.0.1 25"},
        Row{"[2001:db8::1]:26", Protocol::smtp, "ip 2001:db8::1 26"},
        Row{"[IPv6:2001:db8::1]:26", Protocol::smtp, "ip 2001:db8::1 26"},
        Row{"2001:db8::1", Protocol::smtp, "ip 2001:db8::1 25"},
        Row{"3com.example", Protocol::smtp, "name 3com.example 25"},
        Row{"mx:Example.NET", Protocol::smtp, "mx example.net"},
        Row{"unix:/run/lmtp", Protocol::lmtp, "unix /run/lmtp"}
    );
    CAPTURE(row.text);
    auto const address = HostAddress::parse(row.text, row.protocol);
    REQUIRE(address.has_value());
    CHECK(render(*address) == row.meaning);
    CHECK(address->text == row.text);
}

TEST_CASE("host address: refused") {
    for (auto const* text :
         {"",
          ":25",
          "host:",
          "host:0",
          "host:65536",
          "host:x",
          "two words",
          "unix:relative",
          "mx:",
          "mx:[10.0.0.1]",
          "[10.0.0.1",
          "a..b",
          "bad_\n"}) {
        CAPTURE(text);
        CHECK_FALSE(HostAddress::parse(text, Protocol::smtp).has_value());
    }
}
