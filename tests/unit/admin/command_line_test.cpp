// Words that every verb knows, wherever they stand.
#include "tests/support/run_splitmx.hpp"
#include "tests/support/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using splitmx::support::TemporaryDirectory;
using splitmx::test::run_splitmx;

namespace {

using Words = std::vector<std::string>;

std::string written_in(TemporaryDirectory const& directory) {
    auto const file = (directory.path() / "splitmx.toml").string();
    std::ofstream(file) << "[server]\nhostname = \"relay1.adatum.com\"\n"
                           "postmaster = \"postmaster@adatum.com\"\n";
    return file;
}

}  // namespace

TEST_CASE("--json may stand before the verb") {
    TemporaryDirectory const directory;
    auto const file = written_in(directory);
    auto const behind =
        run_splitmx({"--config", file, "resolve", "--offline", "--json", "ann@x.example"});
    CHECK(behind.output.starts_with("{"));
    for (auto const& words :
         {Words{"--json", "--config", file, "resolve", "--offline", "ann@x.example"},
          Words{"--config", file, "--json", "resolve", "--offline", "ann@x.example"},
          Words{"--json", "--config", file, "resolve", "--offline", "--", "ann@x.example"}}) {
        auto const before = run_splitmx(words);
        CHECK(before.code == behind.code);
        CHECK(before.output == behind.output);
    }
}

TEST_CASE("--json is no flag of a verb that has none") {
    for (auto const& words : {Words{"--json", "completion", "bash"}, Words{"--json"}}) {
        auto const ran = run_splitmx(words);
        CHECK(ran.code == 64);
        CHECK(ran.output.empty());
        CHECK_FALSE(ran.error.empty());
    }
}

// A relay with this file has its control socket elsewhere: the default is another relay's.
TEST_CASE("a configuration that was named and cannot be read is no way to another relay") {
    TemporaryDirectory const directory;
    auto const file = (directory.path() / "splitmx.toml").string();
    auto const without = [&](Words const& verb) {
        auto words = Words{"--config", file};
        words.insert(words.end(), verb.begin(), verb.end());
        return run_splitmx(words);
    };
    std::vector<Words> const verbs = {
        {"host", "pause", "notes"},
        {"status"},
        {"queue", "list"},
        {"directory", "status"},
        {"resolve", "anna@adatum.com"},
        {"trace", "--live"}};
    for (auto const& verb : verbs) {
        auto const ran = without(verb);
        CAPTURE(verb);
        CHECK(ran.code == 78);
        CHECK(ran.output.empty());
        CHECK_THAT(ran.error, Catch::StartsWith(file + ": error: cannot be read: "));
        CHECK_THAT(ran.error, Catch::EndsWith("No such file or directory\n"));
    }
    for (auto const& [text, said] :
         {std::pair("[admin\n", ":1:7: error: not TOML: "),
          std::pair("[admin]\nsocket = 5\n", ":2:10: error: "),
          std::pair("admin = \"control.sock\"\n", ":1:1: error: ")}) {
        std::ofstream(file) << text;
        auto const ran = without({"host", "pause", "notes"});
        CAPTURE(text);
        CHECK(ran.code == 78);
        CHECK_THAT(ran.error, Catch::StartsWith(file + said));
    }
    auto const reload = without({"reload"});
    CHECK(reload.code == 78);
    CHECK_THAT(reload.error, Catch::StartsWith(file + ":1:1: error: "));
}

TEST_CASE("a relay is found by a file with other errors, and by --socket without any") {
    TemporaryDirectory const directory;
    auto const file = (directory.path() / "splitmx.toml").string();
    auto const socket = (directory.path() / "control.sock").string();
    auto const nobody = "splitmx status: no splitmxd answers at " + socket;
    auto const flag = run_splitmx({"--config", file, "--socket", socket, "status"});
    CHECK(flag.code == 69);
    CHECK_THAT(flag.error, Catch::StartsWith(nobody));
    std::ofstream(file) << "[admin]\nsocket = \"control.sock\"\nhttp = 5\n";
    auto const found = run_splitmx({"--config", file, "status"});
    CHECK(found.code == 69);
    CHECK_THAT(found.error, Catch::StartsWith(nobody));
}

TEST_CASE("trace has one form at a time") {
    auto const ran = run_splitmx({"trace", "--json", "--format", "msgtrk", "anna@adatum.com"});
    CHECK(ran.code == 64);
    CHECK(ran.output.empty());
    CHECK_THAT(ran.error, Catch::Contains("--json or --format, not both"));
}

TEST_CASE("there is no help for a verb that there is none of") {
    for (auto const& words :
         {Words{"route", "--help"}, Words{"--help", "route"}, Words{"queue", "lst", "--help"}}) {
        auto const ran = run_splitmx(words);
        CAPTURE(words);
        CHECK(ran.code == 64);
        CHECK(ran.output.empty());
        CHECK_THAT(ran.error, Catch::Contains("there is no verb"));
    }
    for (auto const& words :
         {Words{"--help"},
          Words{"queue", "--help"},
          Words{"config", "check", "a.toml", "--help"}}) {
        CHECK(run_splitmx(words).code == 0);
    }
}
