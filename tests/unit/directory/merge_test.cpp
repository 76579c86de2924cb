#include "directory/merge.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::resolver;
using splitmx::directory::merge;

namespace {

Answer one(std::string const& dn) {
    auto entry = std::make_shared<Recipient>();
    entry->name = {dn, dn};
    return One{entry};
}

Answer many() { return Many{{{"cn=x", "cn=x"}, {"cn=y", "cn=y"}}}; }

std::string name_of(Answer const& answer) {
    if (auto const* found = std::get_if<One>(&answer)) return "one " + found->recipient->name.text;
    if (auto const* several = std::get_if<Many>(&answer)) {
        return "many " + std::to_string(several->names.size());
    }
    if (std::holds_alternative<NotAsked>(answer)) return "not asked";
    if (auto const* silent = std::get_if<Unavailable>(&answer)) {
        return silent->copy_has_nobody ? "unavailable, nobody in the copies" : "unavailable";
    }
    return "none";
}

}  // namespace

TEST_CASE("merge: several directories, one answer") {
    struct Row {
        char const* name;
        std::vector<Answer> answers;
        char const* merged;
    };
    std::vector<Row> const rows{
        {"no directory at all", {}, "none"},
        {"nobody, by the word of all", {None{}, None{}}, "none"},
        {"one silent makes nobody unknowable", {None{}, Unavailable{"down"}}, "unavailable"},
        {"a found one counts beside a silent one", {Unavailable{"down"}, one("cn=a")}, "one cn=a"},
        {"a silent one whose copy has nobody",
         {None{}, Unavailable{"down", true}},
         "unavailable, nobody in the copies"},
        {"of two silent ones only one has a copy",
         {Unavailable{"down", true}, Unavailable{"down"}},
         "unavailable"},
        {"found in two is ambiguous", {one("cn=a"), one("cn=b")}, "many 2"},
        {"ambiguous in one", {None{}, many()}, "many 2"},
        {"ambiguous and found", {one("cn=a"), many()}, "many 3"},
        {"found, but another was not asked yet", {one("cn=a"), NotAsked{}}, "not asked"},
        {"found twice needs no third opinion", {one("cn=a"), one("cn=b"), NotAsked{}}, "many 2"},
        {"not asked before silent", {NotAsked{}, Unavailable{"down"}}, "not asked"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        CHECK(name_of(merge(row.answers)) == row.merged);
    }
}
