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
