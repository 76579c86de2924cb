#include "ldap/whole_reading.hpp"

#include "support/sync_octets.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <variant>
#include <vector>

using namespace splitmx::ldap;
using namespace splitmx::ldap::sync;
using namespace splitmx::test;

namespace {

Entry named(char letter) { return Entry(Dn::parse(std::string("cn=") + letter).value()); }

Event told(EntryChange::State state, char letter, std::string const& cookie = {}) {
    return EntryChange{
        state,
        id_of(letter),
        named(letter),
        cookie.empty() ? std::nullopt : std::optional(Cookie{cookie})};
}

struct Row {
    std::string name;
    std::vector<Event> session;  // what it told before the reading found anything
    std::vector<std::string> events;  // when the reading finds a, b and c
};

constexpr auto add = EntryChange::State::add;
constexpr auto modify = EntryChange::State::modify;
constexpr auto gone = EntryChange::State::remove;

std::vector<Row> const rows = {
    {"a quiet session", {}, {"add a cn=a", "add b cn=b", "add c cn=c", "end present"}},
    {"what was deleted meanwhile does not come back",
     {told(gone, 'b', "c2")},
     {"add a cn=a", "add c cn=c", "end present [c2]"}},
    {"what was changed meanwhile stays as it was told",
     {told(modify, 'a', "c2"), told(add, 'n', "c3")},
     {"add b cn=b", "add c cn=c", "end present [c3]"}},
    {"sets of ids count, too",
     {IdSet{IdSet::Meaning::removed, {id_of('a'), id_of('c')}, Cookie{"c4"}}},
     {"add b cn=b", "end present [c4]"}},
    {"the last cookie of all",
     {RefreshEnds{RefreshEnds::Phase::deletes, Cookie{"c5"}}, NewCookie{Cookie{"c6"}}, Heard{}},
     {"add a cn=a", "add b cn=b", "add c cn=c", "end present [c6]"}},
};

}  // namespace

TEST_CASE("whole reading: beside a session that goes on") {
    CHECK(to_line(WholeReading::begin()) == "refresh");
    for (auto const& row : rows) {
        CAPTURE(row.name);
        WholeReading reading;
        for (auto const& event : row.session) reading.see(event);
        std::vector<std::string> lines;
        for (char const letter : {'a', 'b', 'c'}) {
            if (auto const event = reading.found(id_of(letter), named(letter))) {
                lines.push_back(to_line(*event));
            }
        }
        lines.push_back(to_line(reading.end()));
        CHECK(lines == row.events);
    }
}
