// `splitmx resolve` over the worlds of tests/golden/decisions: exit codes, JSON, and the text that
// an administrator reads (tests/golden/explain; ACCEPT=1 writes it).
#include "admin/resolve_command.hpp"

#include "admin/command_line.hpp"
#include "resolver/resolve.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "control/decision_json.hpp"
#include "control/decision_text.hpp"

using namespace splitmx;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

fs::path const golden = fs::path(SPLITMX_SOURCE_DIR) / "tests/golden";

struct Ran {
    int code;
    std::string output;
    std::string error;
};

// In the folder of a world, so that sources read "splitmx.toml:LINE".
Ran run(std::string const& world, std::vector<std::string> words, std::string const& input = {}) {
    auto const before = fs::current_path();
    fs::current_path(golden / "decisions" / world);
    words.insert(words.begin(), "splitmx");
    std::vector<char const*> argv;
    for (auto const& word : words) argv.push_back(word.c_str());
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream error;
    int const code = admin::run(static_cast<int>(argv.size()), argv.data(), {in, out, error});
    fs::current_path(before);
    return {code, out.str(), error.str()};
}

std::vector<std::string> resolve(std::vector<std::string> more) {
    std::vector<std::string> words{"resolve", "--offline", "--config", "splitmx.toml"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace

TEST_CASE("resolve: the exit code is the worst of all answers") {
    struct Row {
        char const* name;
        std::vector<std::string> words;
        int code;
    };
    std::vector<Row> const rows{
        {"all deliverable", {"anna@contoso.com", "carl@contoso.com"}, 0},
        {"one unknown", {"anna@contoso.com", "zoe@contoso.com"}, 67},
        {"one ambiguous", {"anna@contoso.com", "pat@contoso.com"}, 75},
        {"unknown beats deferred", {"pat@contoso.com", "zoe@contoso.com"}, 67},
        {"relaying denied", {"bob@example.net"}, 67},
        {"no address at all", {"bob"}, 67},
        {"a bad flag value", {"--client", "nonsense", "anna@contoso.com"}, 64},
        {"no address given", {}, 64},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        CHECK(run("Q258203-shared-name-space", resolve(row.words)).code == row.code);
    }
    CHECK(run("groups", resolve({"broken@adatum.com"})).code == 67);
    CHECK(run("truth-table", resolve({"t9@ndr.example"})).code == 67);
    CHECK(
        run("groups", {"resolve", "--offline", "--config", "no-such.toml", "a@b.example"}).code ==
        78
    );
}

TEST_CASE("resolve: one JSON object a line, with the names of the contract") {
    auto const ran =
        run("Q258203-shared-name-space",
            resolve({"--json", "-"}),
            "Dora.D@contoso.com\r\nzoe@contoso.com\n");
    std::istringstream lines(ran.output);
    std::string line;
    REQUIRE(std::getline(lines, line));
    auto const dora = json::parse(line).as_object();
    CHECK(dora.at("address") == "Dora.D@contoso.com");
    CHECK(dora.at("verdict") == "deliver");
    CHECK(dora.at("reason") == "custom_recipient");
    CHECK(dora.at("code") == 250);
    CHECK(dora.at("enhanced") == "2.1.5");
    CHECK(dora.at("failed").as_array().empty());
    CHECK(dora.at("directory").at("state") == "LIVE");
    auto const& route = dora.at("routes").as_array().at(0).as_object();
    CHECK(route.at("rcpt") == "d.notes@contoso.com");
    CHECK(route.at("original") == "Dora.D@contoso.com");
    CHECK(route.at("kind") == "custom_recipient");
    CHECK(route.at("host") == "notes");
    CHECK(route.at("addresses") == json::array{"notes1.adatum.com:25", "10.0.0.10:25"});
    CHECK(route.at("protocol") == "smtp");
    CHECK(route.at("entry") == "cn=Dora (Notes),ou=people,dc=adatum,dc=com");
    auto const& step = dora.at("trace").as_array().at(0).as_object();
    CHECK(step.at("rule") == "domain.inbound");
    CHECK(step.at("source").as_string().starts_with("splitmx.toml:"));

    REQUIRE(std::getline(lines, line));
    auto const zoe = json::parse(line).as_object();
    CHECK(zoe.at("verdict") == "refuse");
    CHECK(zoe.at("code") == 550);
    CHECK(zoe.at("enhanced") == "5.1.1");
    CHECK(zoe.at("routes").as_array().empty());
    CHECK_FALSE(std::getline(lines, line));
}

TEST_CASE("resolve: JSON stays valid, whatever an address or an entry holds") {
    auto const decision = resolver::refuse_bad_address("\xff\x01\"@x", "why \xfe");
    auto const text = control::to_json("\xff\x01\"@x", decision, {});
    CHECK_NOTHROW(json::parse(text));
    CHECK(json::parse(text).at("address") == "\\xFF\\x01\"@x");
}

TEST_CASE("resolve: lists as programs write them") {
    auto const people = "anna@contoso.com\ncarl@contoso.com\n";
    auto const world = "Q258203-shared-name-space";
    auto const plain = run(world, resolve({"-"}), people);
    CHECK(plain.code == 0);
    CHECK(run(world, resolve({"-"}), std::string("\xEF\xBB\xBF") + people).output == plain.output);
    auto const odd = run(world, resolve({"-"}), std::string("\xff@contoso.com\n") + people);
    CHECK(odd.code == 67);
    CHECK(odd.output.ends_with(plain.output));
    using namespace std::string_literals;
    for (auto const& text :
         {"\xFF\xFE"s + "a\0@\0\r\0\n\0"s,
          "\xFE\xFF"s + "\0a\0@\0\r\0\n"s,
          "a\0@\0\r\0\n\0"s,
          "\0a\0@\0\r\0\n"s}) {
        auto const ran = run(world, resolve({"-"}), text);
        CHECK(ran.code == 65);
        CHECK(ran.output.empty());
        CHECK(
            ran.error ==
            "splitmx resolve: the list is in UTF-16: save it as UTF-8, or pass it "
            "through iconv\n"
        );
    }
}

// U+202E turns the rest of a line round, U+009B is the C1 form of ESC [.
TEST_CASE("resolve: a terminal is not told to do what stands in an entry") {
    auto decision = resolver::refuse_bad_address("anna@contoso.com", "why");
    std::string const evil = "cn=A\x1b[31m\nB\u009b\u202e\x07,dc=x";
    decision.trace.push_back({resolver::Rule::directory_none, evil, evil + "/2"});
    auto const text = control::explanation("anna@contoso.com", decision, {});
    CHECK(text.find_first_of("\x1b\x07") == text.npos);
    CHECK(text.find("\u009b") == text.npos);
    CHECK(text.find("\u202e") == text.npos);
    CHECK(text.find("cn=A\\x1B[31m\\x0AB") != text.npos);
}

TEST_CASE("resolve: what --explain prints") {
    struct Row {
        char const* name;
        char const* world;
        std::vector<std::string> words;
    };
    std::vector<Row> const rows{
        {"reroute", "Q307628-one-address-many-domains", {"Administrator@cpandl.net"}},
        {"custom-recipient", "Q258203-shared-name-space", {"dora.d@contoso.com"}},
        {"unknown", "Q258203-shared-name-space", {"zoe@contoso.com"}},
        {"ping-pong", "Q258203-shared-name-space", {"--client", "10.0.9.77", "carl@contoso.com"}},
        {"group", "groups", {"broken@adatum.com"}},
        {"relay-denied", "Q201127-two-organisations", {"bob@example.net"}},
        {"returned", "truth-table", {"t9@ndr.example"}},
    };
    for (auto const& row : rows) {
        auto words = row.words;
        words.insert(words.begin(), "--explain");
        auto const ran = run(row.world, resolve(words));
        auto const file = golden / "explain" / (std::string(row.name) + ".txt");
        if (std::getenv("ACCEPT")) std::ofstream(file) << ran.output;
        std::ifstream in(file);
        std::string const expected{std::istreambuf_iterator<char>(in), {}};
        INFO(row.name);
        CHECK_FALSE(expected.empty());
        CHECK(ran.output == expected);
    }
}

TEST_CASE("command line: mistakes are told, with what was meant") {
    struct Row {
        std::vector<std::string> words;
        char const* says;
    };
    std::vector<Row> const rows{
        {{"resolv", "a@b.example"}, "did you mean \"resolve\""},
        {{"config", "chek"}, "did you mean \"check\""},
        {{}, "splitmx --help"},
        {{"resolve", "--jsn", "a@b.example"}, "did you mean \"--json\""},
        {{"resolve", "--form", "a@c.example", "a@b.example"}, "no flag \"--form\""},
        {{"resolve", "--from"}, "splitmx resolve --help"},
        {{"config"}, "splitmx config --help"},
        {{"resolve", "--json", "--explain", "a@b.example"}, "excludes"},
        {{"config", "explain", "no_such_key"}, "no_such_key"},
    };
    for (auto const& row : rows) {
        auto const ran = run("groups", row.words);
        INFO(ran.error);
        CHECK(ran.code == 64);
        CHECK(ran.error.find(row.says) != std::string::npos);
    }
    CHECK(run("groups", {"--version"}).output.starts_with("splitmx "));
    CHECK(run("groups", {"config", "explain", "max_hops"}).output.find("30") != std::string::npos);
}

TEST_CASE("config check: findings on standard error, and their exit code") {
    auto const bad = fs::path(SPLITMX_SOURCE_DIR) / "tests/bad_config";
    auto const check = [&](char const* folder, bool strict) {
        std::vector<std::string> words{"config", "check", (bad / folder / "splitmx.toml").string()};
        if (strict) words.push_back("--strict");
        return run("groups", words);
    };
    CHECK(check("48-many-errors", false).code == 78);
    CHECK(check("48-many-errors", false).error.find("error: ") != std::string::npos);
    CHECK(check("49-warn-open-relay", false).code == 0);
    CHECK(check("49-warn-open-relay", true).code == 1);
    CHECK(check("49-warn-open-relay", false).error.find("warning: ") != std::string::npos);
    CHECK(run("groups", {"config", "check", "splitmx.toml"}).code == 0);
}
