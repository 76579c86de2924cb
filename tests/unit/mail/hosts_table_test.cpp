#include "mail/hosts_table.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace splitmx::mail {

namespace {

std::string addresses(HostsTable const& table, std::string const& name) {
    auto const known = table.find(name);
    if (known == table.end()) return "-";
    std::string text;
    for (auto const& address : known->second) {
        text += (text.empty() ? "" : " ") + address.to_text();
    }
    return text;
}

}  // namespace

TEST_CASE("Hosts file: lines and what they mean") {
    struct Row {
        char const* name;
        char const* text;
        char const* host;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"a line", "192.0.2.1 mbx1.example\n", "mbx1.example", "192.0.2.1"},
        Row{"an alias", "192.0.2.1 mbx1.example mbx1\n", "mbx1", "192.0.2.1"},
        Row{"tabs and a carriage return", "192.0.2.1\tmbx1\t\r\n", "mbx1", "192.0.2.1"},
        Row{"blanks before", "  192.0.2.1 mbx1", "mbx1", "192.0.2.1"},
        Row{"no line end at the end", "192.0.2.1 mbx1", "mbx1", "192.0.2.1"},
        Row{"a comment behind", "192.0.2.1 mbx1 # mbx2", "mbx2", "-"},
        Row{"a comment alone", "#192.0.2.1 mbx1\n", "mbx1", "-"},
        Row{"case and a final dot", "192.0.2.1 MBX1.Example.\n", "mbx1.example", "192.0.2.1"},
        Row{"several lines add up", "192.0.2.1 a\n2001:db8::1 a\n", "a", "192.0.2.1 2001:db8::1"},
        Row{"the same twice counts once", "192.0.2.1 a\n192.0.2.1 b a\n", "a", "192.0.2.1"},
        Row{"a bad address is passed over", "192.0.2 a\n192.0.2.1 b\n", "b", "192.0.2.1"},
        Row{"a scoped address is passed over", "fe80::1%lo a\n", "a", "-"},
        Row{"an address without a name", "192.0.2.1\n192.0.2.2 a\n", "a", "192.0.2.2"},
        Row{"nothing", "", "a", "-"}
    );
    INFO(row.name);
    CHECK(addresses(parse_hosts(row.text), row.host) == row.expected);
}

}  // namespace splitmx::mail
