// What a configuration says beyond the defaults, and how a reload tells of differences.
#include "config/effective.hpp"

#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <string>
#include <variant>

using namespace splitmx::config;

namespace {

std::vector<EffectiveKey> keys_of_text(
    std::string const& text, std::filesystem::path const& folder = "/nonexistent"
) {
    auto const document = parse_document(text);
    REQUIRE(std::holds_alternative<Table>(document));
    return effective_keys(std::get<Table>(document), folder);
}

std::vector<std::string> told(
    std::vector<EffectiveKey> const& a, std::vector<EffectiveKey> const& b
) {
    std::vector<std::string> texts;
    for (auto const& change : differences(a, b)) texts.push_back(to_text(change));
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("effective: differences are told by section and key, with both values") {
    struct Row {
        char const* before;
        char const* after;
        Texts says;
    };
    std::vector<Row> const rows{
        {"", "", {}},
        // What the table says anyway is no difference, however it is written.
        {"", "[limits]\nconnections = 1000", {}},
        {"[queue]\nretry = [\"1m\"]", "[queue]\nretry = \"1m\"", {}},
        {"", "[limits]\nconnections = 500", {"[limits] connections: 1000 -> 500"}},
        {"[limits]\nconnections = 500", "", {"[limits] connections: 500 -> 1000"}},
        {"[server]\nhostname = \"a.example\"", "", {"[server] hostname: \"a.example\" -> not set"}},
        {"[host.a]\naddress = \"x\"\n[host.b]\naddress = \"y\"",
         "[host.a]\naddress = [\"x\", \"z\"]\n[host.c]\naddress = \"y\"\nconnections = 2",
         {"[host.a] address: \"x\" -> [\"x\", \"z\"]", "[host.c] is new", "[host.b] is gone"}},
        {"[[domain]]\nname = \"a.example\"\naction = \"inbound\"",
         "[[domain]]\nname = [\"b.example\", \"c.example\"]\naction = \"relay\"\n"
         "[[domain]]\nname = \"a.example\"\naction = \"relay\"",
         {"[[domain]] b.example is new", "[[domain]] a.example action: \"inbound\" -> \"relay\""}},
        {"[[listen]]\naddress = \"127.0.0.1:25\"",
         "[[listen]]\naddress = \"127.0.0.1:25\"\nallow = \"10.0.0.0/8\"",
         {"[[listen]] 127.0.0.1:25 allow: not set -> \"10.0.0.0/8\""}},
    };
    for (auto const& row : rows) {
        INFO(row.before << "\n----\n" << row.after);
        CHECK(told(keys_of_text(row.before), keys_of_text(row.after)) == row.says);
    }
}

TEST_CASE("effective: the order of sections is no difference, but values make another hash") {
    auto const one = keys_of_text("[limits]\nerrors = 5\n[server]\nmax_hops = 9");
    auto const other = keys_of_text("[server]\nmax_hops = 9\n[limits]\nerrors = 5");
    CHECK(short_hash(one) == short_hash(other));
    CHECK(short_hash(one) != short_hash(keys_of_text("[server]\nmax_hops = 9")));
    CHECK(short_hash(one).size() == 8);
}

TEST_CASE("effective: a secret is told apart, and never told") {
    auto const with = [](std::string const& password) {
        return keys_of_text(
            "[directory.main]\nuri = \"ldap://x\"\npassword = \"" + password + "\""
        );
    };
    CHECK(
        told(with("opensesame"), with("closesesame")) ==
        Texts{"[directory.main] password: \"***\" holds something else"}
    );
    CHECK(
        told(with("opensesame"), with("env:NO_SUCH_NAME")) ==
        Texts{"[directory.main] password: \"***\" -> \"env:NO_SUCH_NAME\""}
    );
    CHECK(short_hash(with("opensesame")) == short_hash(with("closesesame")));
    for (auto const& key : with("opensesame")) {
        CHECK(key.value.find("sesame") == std::string::npos);
        CHECK(key.behind.find("sesame") == std::string::npos);
    }
}

TEST_CASE("effective: an LDIF file that was written anew is a difference") {
    splitmx::support::TemporaryDirectory const folder;
    std::ofstream(folder.path() / "people.ldif") << "dn: dc=a\n";
    std::string const text = "[directory.main]\nuri = \"ldif:people.ldif\"\nprofile = \"laser\"";
    auto const before = keys_of_text(text, folder.path());
    CHECK(told(before, keys_of_text(text, folder.path())).empty());
    std::ofstream(folder.path() / "people.ldif") << "dn: dc=another\n";
    CHECK(
        told(before, keys_of_text(text, folder.path())) ==
        Texts{"[directory.main] uri: \"ldif:people.ldif\" holds something else"}
    );
}

TEST_CASE("effective: what a reload cannot change is marked") {
    auto const changes = differences(
        keys_of_text("[spool]\npath = \"a\"\nbody_file = \"1MiB\""),
        keys_of_text("[spool]\npath = \"b\"\nmap_size = \"1GiB\"")
    );
    REQUIRE(changes.size() == 3);
    for (auto const& change : changes) CHECK(change.at_restart == (change.key != "body_file"));
}
