// Golden rows: an LDIF file in, a readable text out. ACCEPT=1 in the environment rewrites the
// expected files. A profile "custom" is described by the "# map: key = value" lines of its file.
#include "ldap/ldif.hpp"
#include "schema/custom_profile.hpp"
#include "tests/unit/schema/rendering.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace splitmx;
namespace fs = std::filesystem;

std::string read_file(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<schema::KeyAndValue> map_of(fs::path const& ldif) {
    std::vector<schema::KeyAndValue> map;
    std::istringstream lines(read_file(ldif));
    std::string const intro = "# map: ";
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(intro)) continue;
        auto const divider = line.find(" = ");
        REQUIRE(divider != std::string::npos);
        map.emplace_back(
            line.substr(intro.size(), divider - intro.size()), line.substr(divider + 3)
        );
    }
    return map;
}

schema::Profile profile_for(std::string const& name, fs::path const& ldif) {
    if (name == "custom") {
        auto made = schema::make_custom(map_of(ldif));
        INFO((made ? std::string() : schema::to_text(made.error())));
        REQUIRE(made.has_value());
        return *made;
    }
    auto const* found = schema::find_profile(name);
    REQUIRE(found != nullptr);
    auto profile = *found;
    profile.known_hosts = {"ex1"};
    return profile;
}

// The first line that differs, with its number and both forms.
std::string difference(std::string const& expected, std::string const& actual) {
    std::istringstream left(expected);
    std::istringstream right(actual);
    std::string a;
    std::string b;
    std::string entry;
    for (int number = 1;; ++number) {
        bool const more_left = static_cast<bool>(std::getline(left, a));
        bool const more_right = static_cast<bool>(std::getline(right, b));
        if (!more_left && !more_right) return {};
        if (!more_left) a = "(end)";
        if (!more_right) b = "(end)";
        if (a != b) return fmt::format("line {} of {}\n- {}\n+ {}", number, entry, a, b);
        if (!a.empty() && a.front() != ' ') entry = a;
    }
}

struct Row {
    std::string name;
    std::string profile;
    std::string ldif;  // from the top of the sources
};

}  // namespace

TEST_CASE("entries become recipients as the golden files say", "[schema][golden]") {
    auto const row = GENERATE(
        Row{"splitmx", "splitmx", "tests/golden/mapping/splitmx.ldif"},
        Row{"laser", "laser", "tests/golden/mapping/laser.ldif"},
        Row{"activedirectory", "activedirectory", "tests/golden/mapping/activedirectory.ldif"},
        Row{"netscape", "netscape", "tests/golden/mapping/netscape.ldif"},
        Row{"sun", "sun", "tests/golden/mapping/sun.ldif"},
        Row{"qmail", "qmail", "tests/golden/mapping/qmail.ldif"},
        Row{"exchange55", "exchange55", "tests/golden/mapping/exchange55.ldif"},
        Row{"inetorgperson", "inetorgperson", "tests/golden/mapping/inetorgperson.ldif"},
        Row{"custom", "custom", "tests/golden/mapping/custom.ldif"},
        Row{"custom-defaults", "custom", "tests/golden/mapping/custom-defaults.ldif"},
        Row{"sample", "laser", "schema/sample.ldif"},
        Row{"sample-splitmx", "splitmx", "schema/sample-splitmx.ldif"}
    );
    fs::path const root = SPLITMX_SOURCE_DIR;
    auto const profile = profile_for(row.profile, root / row.ldif);
    auto const entries = ldap::read_ldif(root / row.ldif);
    INFO((entries ? std::string() : entries.error().what));
    REQUIRE(entries.has_value());
    REQUIRE_FALSE(entries->empty());

    std::string actual;
    for (auto const& entry : *entries) actual += schema::render(profile, entry) + "\n";
    auto const expected_file = root / "tests/golden/mapping" / (row.name + ".expected");
    if (std::getenv("ACCEPT") != nullptr) {
        std::ofstream(expected_file, std::ios::binary) << actual;
    }
    auto const diff = difference(read_file(expected_file), actual);
    INFO(row.name << ": " << diff << "\n(ACCEPT=1 takes the new text)");
    CHECK(diff.empty());
}

TEST_CASE("every key of a custom profile is used by the golden rows", "[schema][golden]") {
    fs::path const root = SPLITMX_SOURCE_DIR;
    std::set<std::string, std::less<>> used;
    for (auto const* file : {"custom.ldif", "custom-defaults.ldif"}) {
        for (auto const& [key, value] : map_of(root / "tests/golden/mapping" / file)) {
            used.insert(key);
        }
    }
    for (auto const key : schema::custom_keys()) {
        INFO(key);
        CHECK(used.contains(key));
    }
}
