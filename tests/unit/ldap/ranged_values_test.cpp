#include "ldap/ranged_values.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace splitmx::ldap;

namespace {

Entry group(std::string const& description, int from, int to) {
    Entry entry(Dn::parse("CN=all,DC=x").value());
    entry.add("mail", "all@x.example");
    std::vector<std::string> members;
    for (int i = from; i < to; ++i) members.push_back("CN=u" + std::to_string(i) + ",DC=x");
    entry.add(description, members);
    return entry;
}

}  // namespace

TEST_CASE("ranged values: part after part, until the last") {
    CHECK_FALSE(RangedValues::is_needed(group("member", 0, 3)));
    CHECK_FALSE(RangedValues::is_needed(group("member;range=0-*", 0, 3)));
    auto first = group("member;range=0-1499", 0, 1500);
    CHECK(RangedValues::is_needed(first));
    RangedValues values(std::move(first));
    CHECK(values.question() == "member;range=1500-*");
    values.take(group("member;range=1500-2999", 1500, 3000));
    CHECK(values.question() == "member;range=3000-*");
    values.take(group("member;range=3000-*", 3000, 3001));
    CHECK_FALSE(values.question().has_value());
    CHECK(values.entry().values("member").size() == 3001);
    CHECK(values.entry().values("member").back() == "CN=u3000,DC=x");
    CHECK_FALSE(values.entry().is_partial("member"));
    CHECK(values.entry().values("mail").size() == 1);
}

TEST_CASE("ranged values: a server that gives no more is not asked for ever") {
    RangedValues values(group("member;range=0-1", 0, 2));
    Entry const nothing(Dn::parse("CN=all,DC=x").value());
    values.take(nothing);
    CHECK_FALSE(values.question().has_value());
    CHECK(values.entry().is_partial("member"));  // and counts as such

    RangedValues gone(group("member;range=0-1", 0, 2));
    gone.give_up();
    CHECK_FALSE(gone.question().has_value());
}

TEST_CASE("ranged values: several attributes, one after the other") {
    auto entry = group("member;range=0-1", 0, 2);
    entry.add("authOrig;range=0-0", std::vector<std::string>{"CN=a,DC=x"});
    RangedValues values(std::move(entry));
    CHECK(values.question() == "member;range=2-*");
    values.take(group("member;range=2-*", 2, 3));
    CHECK(values.question() == "authOrig;range=1-*");
}
