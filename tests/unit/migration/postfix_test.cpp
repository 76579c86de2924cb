#include "migration/postfix.hpp"

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <vector>

using namespace splitmx;
using namespace splitmx::migration;

namespace {

std::vector<std::string> lines_of(std::string const& text) {
    MapLines lines;
    std::vector<std::string> found;
    std::istringstream in(text);
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) lines.add({line, ++number, {}});
    lines.end();
    while (auto const line = lines.next()) {
        auto const number_text = std::to_string(line->line);
        found.push_back(
            line->fault.empty() ? number_text + " " + line->key + " -> " + line->value
                                : number_text + "! " + line->fault
        );
    }
    return found;
}

// What a line of transport(5) is, in a word.
std::string transport(std::string const& value, std::string const& key = "d.example") {
    auto const outcome = read_map_line(MapKind::transport, {1, key, value, {}}, {});
    if (auto const* route = std::get_if<Route>(&outcome)) {
        return route->address + (route->lmtp ? " lmtp" : "");
    }
    if (auto const* person = std::get_if<Person>(&outcome)) return "mailbox at " + person->host;
    if (auto const* skip = std::get_if<Skip>(&outcome)) return std::string(to_id(*skip));
    return "rejected";
}

}  // namespace

TEST_CASE("postfix: lines, what goes on with them, comments between") {
    CHECK(
        lines_of("# c\n\na@b.example  x,\n# c\n\n\ty\nd.example z\n") ==
        std::vector<std::string>{"3 a@b.example -> x, y", "7 d.example -> z"}
    );
    CHECK(
        lines_of("\"a b\"@c.example x y") == std::vector<std::string>{"1 \"a b\"@c.example -> x y"}
    );
    CHECK(
        lines_of("  x y\nkey\n/^a/ b\n") ==
        std::vector<std::string>{
            "1! begins with a blank, and there is no line that it goes on with",
            "2! \"key\" has no value",
            "3! a pattern; write down the addresses that it means"}
    );
}

TEST_CASE("postfix: next hops") {
    struct Row {
        std::string value;
        std::string is;
    };
    auto const row = GENERATE(
        Row{"smtp:[mx1.example]", "mx1.example"},
        Row{":[mx1.example]", "mx1.example"},
        Row{"relay:[mx1.example]:25", "mx1.example"},
        Row{"smtp:[mx1.example]:submission", "mx1.example:587"},
        Row{"smtp:[10.0.0.1]:2525", "10.0.0.1:2525"},
        Row{"smtp:[ipv6:2001:db8::1]:26", "[2001:db8::1]:26"},
        Row{"smtp:other.example", "mx:other.example"},
        Row{"smtp:other.example:25", "mx:other.example"},
        Row{"smtp:other.example:26", "rejected"},
        Row{"lmtp:unix:/run/lmtp", "unix:/run/lmtp lmtp"},
        Row{"lmtp:unix:private/lmtp", "rejected"},
        Row{"lmtp:inet:store.example:2003", "store.example:2003 lmtp"},
        Row{"lmtp:[store.example]", "store.example lmtp"},
        Row{"smtp:", "other_delivery"},
        Row{":", "other_delivery"},
        Row{"local:", "other_delivery"},
        Row{"error:gone", "relocated"},
        Row{"smtp:[open", "rejected"},
        Row{"smtp:[]", "rejected"},
        Row{"nonsense", "rejected"}
    );
    CAPTURE(row.value);
    CHECK(transport(row.value) == row.is);
}

TEST_CASE("postfix: the next hop of one address") {
    CHECK(transport("smtp:[mx1.example]:26", "anna@d.example") == "mailbox at mx1.example:26");
    CHECK(transport("smtp:mx1.example", "anna@d.example") == "rejected");
    CHECK(transport("lmtp:unix:/run/lmtp", "anna@d.example") == "rejected");
}

TEST_CASE("postfix: which table a file is") {
    CHECK(map_kind_of_file("/etc/postfix/virtual") == MapKind::virtual_alias);
    CHECK(map_kind_of_file("/etc/virtual/transport.txt") == MapKind::transport);
    CHECK(map_kind_of_file("relay_recipients") == MapKind::relay_recipients);
    CHECK_FALSE(map_kind_of_file("/etc/virtual/table"));
}

TEST_CASE("postfix: a key without a domain is of the one that is ours") {
    auto const adatum = mail::Domain::parse("adatum.com").value();
    MapLine const line{1, "info", "anna", {}};
    auto const alone = read_map_line(MapKind::virtual_alias, line, {adatum});
    auto const* person = std::get_if<Person>(&alone);
    REQUIRE(person != nullptr);
    CHECK(person->addresses.front().to_wire() == "info@adatum.com");
    CHECK(person->target->to_wire() == "anna@adatum.com");
    CHECK(std::holds_alternative<Rejection>(read_map_line(MapKind::virtual_alias, line, {})));
    MapLine const empty{1, "info@adatum.com", ", ,", {}};
    CHECK(std::holds_alternative<Rejection>(read_map_line(MapKind::canonical, empty, {})));
}
