#include "ldap/sync_session.hpp"

#include "support/sync_octets.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <vector>

using namespace splitmx::ldap;
using namespace splitmx::ldap::sync;
using namespace splitmx::test;

namespace {

using Lines = std::vector<std::string>;
// One message of a server, told to a session.
using Message = std::function<void(Session&, Session::Events&)>;

Entry entry(std::string const& name) {
    Entry out(Dn::parse("cn=" + name).value());
    out.add("mail", name + "@example.com");
    return out;
}

Message sends(int state, char letter, std::string const& name, std::string const& cookie = {}) {
    return [=](Session& session, Session::Events& out) {
        session.entry(state_value(state, letter, cookie), entry(name), out);
    };
}
Message says(std::string const& value) {
    return [=](Session& session, Session::Events& out) { session.info(value, out); };
}
Message answers(int code) {
    return [=](Session& session, Session::Events& out) {
        session.result({code, "the server answers " + std::to_string(code)}, out);
    };
}
Message refers(int state, char letter) {
    return [=](Session& session, Session::Events& out) {
        session.reference(state_value(state, letter), out);
    };
}

struct Row {
    std::string name;
    std::string cookie;  // sent; empty: none
    std::vector<Message> messages;
    Lines events;  // after the first
};

Session session_with(std::string const& cookie) {
    SessionOf const of{"ldap://a", "cn=relay", "dc=example,dc=com"};
    return Session(of, cookie.empty() ? std::nullopt : std::optional(Cookie{cookie}));
}

Lines play(Session& session, std::vector<Message> const& messages) {
    Session::Events events;
    for (auto const& message : messages) message(session, events);
    Lines lines;
    for (auto const& event : events) lines.push_back(to_line(event));
    return lines;
}

// Present is 0, add 1, modify 2, delete 3.
std::vector<Row> const refreshes = {
    {"everything, as OpenLDAP ends it",
     "",
     {sends(1, 'a', "anna"), sends(1, 'b', "bob"), says(refresh_delete("c1"))},
     {"add a cn=anna", "add b cn=bob", "end present [c1]"}},
    {"everything, as the standard ends it",
     "",
     {sends(1, 'a', "anna"), says(refresh_present("c1"))},
     {"add a cn=anna", "end present [c1]"}},
    {"an empty directory", "", {says(refresh_delete("c1"))}, {"end present [c1]"}},
    {"a server without cookies",
     "",
     {sends(1, 'a', "anna"), says(refresh_present(""))},
     {"add a cn=anna", "end present"}},
    {"nothing has changed", "c1", {says(refresh_delete(""))}, {"end deletes"}},
    {"changes and deletions by the session log",
     "c1",
     {says(id_set(true, "xy", "c1a")), sends(1, 'a', "anna"), says(refresh_delete("c2"))},
     {"removed {xy}", "add a cn=anna", "end deletes [c2]"}},
    {"present ids, where the session log does not reach",
     "c1",
     {says(id_set(false, "abc")),
      says(id_set(false, "de")),
      sends(1, 'f', "fay"),
      says(refresh_present("c2"))},
     {"present {abc}", "present {de}", "add f cn=fay", "end present [c2]"}},
    {"present entries, one by one",
     "c1",
     {sends(0, 'a', "anna"), sends(2, 'b', "bob"), says(refresh_present("c2"))},
     {"present a cn=anna", "modify b cn=bob", "end present [c2]"}},
    {"a present phase, then deletions",
     "c1",
     {says(id_set(false, "a")),
      says(refresh_present("c2", false)),
      says(id_set(true, "x")),
      says(refresh_delete(""))},
     {"present {a}", "removed {x}", "end present [c2]"}},
    {"deletions one by one",
     "c1",
     {sends(3, 'x', "xenia"), says(refresh_delete("c2"))},
     {"remove x cn=xenia", "end deletes [c2]"}},
    {"a cookie in the middle waits for the end",
     "c1",
     {sends(1, 'a', "anna", "c2"), says(new_cookie("c3")), says(refresh_delete(""))},
     {"add a cn=anna", "end deletes [c3]"}},
    {"an entry that became a referral",
     "c1",
     {refers(1, 'r'), says(refresh_delete("c2"))},
     {"removed {r}", "end deletes [c2]"}},
};

std::vector<Row> const changes = {
    {"add, modify, delete and rename",
     "c1",
     {says(refresh_delete("")),
      sends(1, 'a', "anna", "c2"),
      sends(2, 'a', "anne", "c3"),
      sends(3, 'a', "anne", "c4")},
     {"end deletes", "add a cn=anna [c2]", "modify a cn=anne [c3]", "remove a cn=anne [c4]"}},
    {"a change that is none of ours",
     "c1",
     {says(refresh_delete("")), says(new_cookie("c2"))},
     {"end deletes", "cookie [c2]"}},
    {"an empty cookie is no news",
     "c1",
     {says(refresh_delete("")), says(new_cookie(""))},
     {"end deletes"}},
    {"an entry without a cookie",
     "c1",
     {says(refresh_delete("")), sends(2, 'a', "anna")},
     {"end deletes", "modify a cn=anna"}},
    {"ids that are gone",
     "c1",
     {says(refresh_delete("")), says(id_set(true, "ab", "c2"))},
     {"end deletes", "removed {ab} [c2]"}},
    {"an end of deletions out of place",
     "c1",
     {says(refresh_delete("")), says(refresh_delete("c2"))},
     {"end deletes", "cookie [c2]"}},
    {"a second refresh",
     "c1",
     {says(refresh_delete("")), says(refresh_present("c2"))},
     {"end deletes", "over: protocol error"}},
};

std::vector<Row> const ends = {
    {"a cookie that OpenLDAP cannot read",
     "garbage",
     {sends(1, 'a', "anna"), says(refresh_delete(""))},
     {"add a cn=anna", "over: cookie refused"}},
    {"refreshRequired at once", "c1", {answers(4096)}, {"over: cookie refused"}},
    {"refreshRequired later",
     "c1",
     {says(refresh_delete("")), answers(4096)},
     {"end deletes", "over: cookie refused"}},
    {"refreshRequired without a cookie", "", {answers(4096)}, {"over: protocol error"}},
    {"restored from a backup", "c9", {answers(53)}, {"over: server is older"}},
    {"unwilling, whatever the cookie", "", {answers(53)}, {"over: refused"}},
    {"size limit after a part",
     "",
     {sends(1, 'a', "anna"), answers(4)},
     {"add a cn=anna", "over: size limit"}},
    {"time limit", "", {answers(3)}, {"over: size limit"}},
    {"administrative limit", "", {answers(11)}, {"over: size limit"}},
    {"no overlay for this database", "", {answers(12)}, {"over: not supported"}},
    {"no such base", "", {answers(32)}, {"over: refused"}},
    {"insufficient rights", "", {answers(50)}, {"over: refused"}},
    {"confidentiality required", "", {answers(13)}, {"over: refused"}},
    {"going down",
     "c1",
     {says(refresh_delete("")), answers(52)},
     {"end deletes", "over: connection lost"}},
    {"the end for no reason",
     "c1",
     {says(refresh_delete("")), answers(0)},
     {"end deletes", "over: connection lost"}},
    {"an unheard of result", "", {answers(123)}, {"over: protocol error"}},
    {"an entry without a state",
     "",
     {[](Session& session, Session::Events& out) { session.entry("", entry("anna"), out); }},
     {"over: protocol error"}},
    {"a message that is none", "", {says("x")}, {"over: protocol error"}},
};

}  // namespace

TEST_CASE("sync session: what a server says, and what it means") {
    for (auto const* rows : {&refreshes, &changes, &ends}) {
        for (auto const& row : *rows) {
            CAPTURE(row.name);
            auto session = session_with(row.cookie);
            auto const begin = to_line(session.begin());
            CHECK(begin == (row.cookie.empty() ? "refresh" : "refresh [" + row.cookie + "]"));
            CHECK(session.is_refreshing());
            CHECK(play(session, row.messages) == row.events);
            CHECK(session.is_over() == (row.events.back().substr(0, 4) == "over"));
        }
    }
}

TEST_CASE("sync session: broken off anywhere, a refresh does not end, and nothing follows the end"
) {
    for (auto const* rows : {&refreshes, &changes}) {
        for (auto const& row : *rows) {
            for (std::size_t steps = 0; steps <= row.messages.size(); ++steps) {
                CAPTURE(row.name, steps);
                auto const middle = row.messages.begin() + static_cast<std::ptrdiff_t>(steps);
                auto whole = session_with(row.cookie);
                auto const before = play(whole, {row.messages.begin(), middle});
                if (whole.is_over()) continue;
                for (int const code : {4, 11, 52, 53, 4096}) {
                    auto session = session_with(row.cookie);
                    std::vector<Message> messages(row.messages.begin(), middle);
                    messages.push_back(answers(code));
                    // What comes after the end is not listened to.
                    messages.insert(messages.end(), row.messages.begin(), row.messages.end());
                    messages.push_back(answers(0));
                    messages.push_back(refers(1, 'r'));
                    auto const lines = play(session, messages);
                    REQUIRE(lines.size() == before.size() + 1);
                    CHECK(Lines(lines.begin(), lines.end() - 1) == before);
                    CHECK(lines.back().substr(0, 4) == "over");
                    CHECK(session.is_over());
                }
            }
        }
    }
}

TEST_CASE("sync session: an end tells what to do") {
    struct Case {
        int code;
        std::string words;
    };
    auto const row = GENERATE(
        Case{4, "lift its size and time limits"},
        Case{50, "grant 'cn=relay' read access below 'dc=example,dc=com'"},
        Case{32, "'dc=example,dc=com' must exist, and 'cn=relay' must be allowed to see it"},
        Case{13, "use ldaps:// or starttls = true"},
        Case{12, "load the overlay syncprov for 'dc=example,dc=com'"},
        Case{53, "restored from a backup"},
        Case{10, "name the server that holds 'dc=example,dc=com' as uri"}
    );
    CAPTURE(row.code);
    auto session = session_with("c1");
    Session::Events events;
    answers(row.code)(session, events);
    auto const& end = std::get<SessionEnds>(events.back());
    CHECK_THAT(end.text, Catch::StartsWith("the server answers " + std::to_string(row.code)));
    CHECK_THAT(end.text, Catch::Contains(row.words));
    CHECK(end.uri == "ldap://a");
}

TEST_CASE("sync session: of entries that stay or go only the name counts") {
    for (int const state : {0, 3}) {
        auto session = session_with("c1");
        Session::Events events;
        sends(state, 'a', "anna")(session, events);
        CHECK(std::get<EntryChange>(events.front()).entry.attributes().empty());
    }
}
