// The manual is true: every verb, flag, key and attribute is in its page. ACCEPT=1 writes what is
// made from the code.
#include "config/manual.hpp"

#include "admin/command_line.hpp"
#include "admin/verb_tree.hpp"
#include "config/document.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

using namespace splitmx;

namespace {

std::filesystem::path const source = SPLITMX_SOURCE_DIR;
std::filesystem::path const manual = source / "docs/man";

std::string read(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool accepts() { return std::getenv("ACCEPT") != nullptr; }

}  // namespace

TEST_CASE("manual: splitmx(1) has every verb and flag") {
    std::string const begin = "; BEGIN VERBS\n";
    std::string const end = "; END VERBS\n";
    auto const page = read(manual / "splitmx.1.scd");
    auto const from = page.find(begin);
    auto const to = page.find(end);
    REQUIRE(from != page.npos);
    REQUIRE(to != page.npos);
    auto const made = page.substr(0, from + begin.size()) +
                      admin::manual_of_verbs(admin::all_words()) + page.substr(to);
    if (accepts()) std::ofstream(manual / "splitmx.1.scd") << made;
    CHECK(read(manual / "splitmx.1.scd") == made);
}

TEST_CASE("manual: splitmx.toml(5) is made from the table of keys") {
    auto const made = config::manual_page();
    if (accepts()) std::ofstream(manual / "splitmx.toml.5.scd") << made;
    CHECK(read(manual / "splitmx.toml.5.scd") == made);
}

TEST_CASE("manual: splitmx-schema(7) has every attribute and class") {
    auto const page = read(manual / "splitmx-schema.7.scd");
    auto const schema = read(source / "schema/recipient.schema");
    std::regex const name("NAME '([A-Za-z]+)'");
    std::size_t names = 0;
    for (std::sregex_iterator at(schema.begin(), schema.end(), name); at != std::sregex_iterator();
         ++at) {
        ++names;
        INFO((*at)[1].str());
        CHECK(page.find("*" + (*at)[1].str() + "*") != page.npos);
    }
    CHECK(names == 14);
}

TEST_CASE("manual: splitmxd(8) has every flag that it takes") {
    auto const page = read(manual / "splitmxd.8.scd");
    auto const program = read(source / "relay/daemon/main.cpp");
    std::regex const flag("\"(--[a-z-]+)=?\"");
    std::size_t flags = 0;
    for (std::sregex_iterator at(program.begin(), program.end(), flag);
         at != std::sregex_iterator();
         ++at) {
        ++flags;
        CHECK(page.find("*" + (*at)[1].str() + "*") != page.npos);
    }
    CHECK(flags > 0);
}
