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

TEST_CASE("effective: a heading has quotes where its name needs them") {
    auto const keys = keys_of_text(R"([host.notes]
address = "a"
[host."mbx1.adatum.com"]
address = "b"
[host."Exchange 1"]
address = "c"
[directory."main dir"]
uri = "ldif:x"
[directory."main dir".map]
addresses = "mail"
)");
    Texts sections;
    for (auto const& key : keys) sections.push_back(key.section);
    CHECK(
        sections ==
        Texts{
            "[host.notes]",
            "[host.\"mbx1.adatum.com\"]",
            "[host.\"Exchange 1\"]",
            "[directory.\"main dir\"]",
            "[directory.\"main dir\".map]"}
    );
}

// Each part is a level of calls in whoever walks the document.
TEST_CASE("a key of many parts is a finding, whatever stands before it") {
    auto const parts = [](std::size_t count) {
        std::string key = "a";
        for (std::size_t i = 1; i < count; ++i) key += i % 2 == 0 ? ".a" : " . \"a.b\"";
        return key;
    };
    auto const is_taken = [](std::string const& text) {
        return std::holds_alternative<Table>(parse_document(text));
    };
    CHECK(is_taken(parts(16) + " = 1"));
    for (auto const& before :
         {"",
          "# a\n",
          "x = \"\"\n",
          "x = \"\\\"\"\n",
          "x = 'a\\'\n",
          "x = \"\"\"a\n\"\"\"\"\"\n",
          "x = '''a''''\n",
          "x = 1.5\n[a]\n",
          "x = [\n1,\n2]\n"}) {
        CAPTURE(before);
        CHECK(is_taken(std::string(before) + "b = 1"));
        for (std::size_t const count : {17, 50'000}) {
            auto const found = parse_document(before + parts(count) + " = 1");
            auto const* error = std::get_if<SyntaxError>(&found);
            REQUIRE(error != nullptr);
            CHECK(error->text == "a key of more than 16 parts");
            CHECK_FALSE(is_taken(before + ("[" + parts(count) + "]\n")));
            CHECK_FALSE(is_taken(std::string(before) + "y = {" + parts(count) + " = 1}"));
        }
    }
    CHECK_FALSE(is_taken("x = {a = \"\"\"b\"\"\"\", " + parts(50'000) + " = 1}"));
    // Dots elsewhere are no parts.
    CHECK(is_taken("x = \"" + std::string(1000, '.') + "\" # " + std::string(1000, '.')));
    std::string numbers;
    for (int i = 0; i < 1000; ++i) numbers += "1.5, ";
    CHECK(is_taken("x = [" + numbers + "]"));
}

TEST_CASE("tables within each other may go as deep as the parser lets them") {
    std::string text = "x = ";
    std::string const key = "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a";
    for (int i = 0; i < 240; ++i) text += "{" + key + " = ";
    text += "1" + std::string(240, '}');
    (void)parse_document(text);
    CHECK(std::holds_alternative<SyntaxError>(parse_document(text + "}")));
}
