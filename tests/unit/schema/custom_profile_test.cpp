#include "schema/custom_profile.hpp"

#include "schema/profile.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace splitmx::schema;
using Map = std::vector<KeyAndValue>;

struct Row {
    std::string name;
    Map map;
    std::string key;
    std::string what;  // part of the text
};

}  // namespace

TEST_CASE("a custom profile that is wrong says which key and why", "[schema]") {
    auto const row = GENERATE(values<Row>({
        {"nothing", {}, "addresses", "missing"},
        {"unknown key", {{"addresses", "mail"}, {"adresses", "x"}}, "adresses", "unknown key"},
        {"key in capitals", {{"addresses", "mail"}, {"Target", "x"}}, "Target", "unknown key"},
        {"empty attribute", {{"addresses", ""}}, "addresses", "not the name"},
        {"blank in a name", {{"addresses", "mail alias"}}, "addresses", "not the name"},
        {"filter in a name", {{"addresses", "mail)(uid=*"}}, "addresses", "not the name"},
        {"unknown syntax",
         {{"addresses", "mail"}, {"syntax", "smtp"}},
         "syntax",
         "\"smtp\" is none of plain, smtp-prefix, smtp-dollar"},
        {"two syntaxes",
         {{"addresses", "mail"}, {"syntax", "plain"}, {"syntax", "plain"}},
         "syntax",
         "not a list"},
        {"two primaries",
         {{"addresses", "mail"}, {"primary", "a"}, {"primary", "b"}},
         "primary",
         "not a list"},
        {"class without a name",
         {{"addresses", "mail"}, {"mailbox", "class:"}},
         "mailbox",
         "not the name of a class"},
        {"condition without an attribute",
         {{"addresses", "mail"}, {"mailbox", "=x"}},
         "mailbox",
         "neither an attribute, nor class:NAME, nor attr=value"},
        {"condition without a value",
         {{"addresses", "mail"}, {"disabled", "status="}},
         "disabled",
         "no value behind the ="},
        {"condition that is a filter",
         {{"addresses", "mail"}, {"hidden", "(status=x)"}},
         "hidden",
         "neither an attribute"},
        {"broken filter", {{"addresses", "mail"}, {"filter", "(mail=*"}}, "filter", "at octet"},
        {"two filters",
         {{"addresses", "mail"}, {"filter", "(a=*)"}, {"filter", "(b=*)"}},
         "filter",
         "not a list"},
        {"custom recipients without target",
         {{"addresses", "mail"}, {"custom_recipient", "class:contact"}},
         "custom_recipient",
         "needs the key target"},
        {"groups without members",
         {{"addresses", "mail"}, {"group", "class:list"}},
         "group",
         "needs the key members"},
        {"both without alternate",
         {{"addresses", "mail"}, {"both", "x"}},
         "both",
         "needs the key alternate"},
    }));
    INFO(row.name);
    auto const made = make_custom(row.map);
    REQUIRE(made.has_error());
    REQUIRE(made.error().size() == 1);
    CHECK(made.error().front().key == row.key);
    CHECK_THAT(made.error().front().what, Catch::Contains(row.what));
}

TEST_CASE("all errors of a custom profile are told together", "[schema]") {
    Map const map = {{"syntax", "x"}, {"target", "a b"}, {"nonsense", "1"}};
    auto const made = make_custom(map);
    REQUIRE(made.has_error());
    CHECK(made.error().size() == 4);  // the fourth: no addresses
    CHECK_THAT(to_text(made.error()), Catch::Contains("nonsense: ") && Catch::Contains("; "));
    CHECK_THROWS_AS(make_custom(map).value(), std::logic_error);
}

TEST_CASE("a custom profile without a filter asks for what its keys name", "[schema]") {
    Map const map = {
        {"addresses", "mail"},
        {"addresses", "alias"},
        {"target", "forward"},
        {"members", "listMember"},
        {"mailbox", "class:person"},
        {"mailbox", "type=(box)"}};
    auto const made = make_custom(map);
    REQUIRE(made.has_value());
    CHECK(
        made->filter.text() ==
        "(|(mail=*)(alias=*)(listMember=*)(forward=*)(objectClass=person)(type=\\28box\\29))"
    );
}

TEST_CASE("the attribute mail is plain in every syntax", "[schema]") {
    Map const map = {
        {"addresses", "MAIL"}, {"addresses", "proxyAddresses"}, {"syntax", "smtp-prefix"}};
    auto const made = make_custom(map);
    REQUIRE(made.has_value());
    REQUIRE(made->addresses.size() == 2);
    CHECK(made->addresses[0].syntax == AddressSyntax::plain);
    CHECK(made->addresses[1].syntax == AddressSyntax::smtp_prefix);
}

TEST_CASE("profiles are found by their names", "[schema]") {
    for (auto const& name : profile_names()) {
        INFO(name);
        CHECK((find_profile(name) != nullptr) == (name != "custom"));
    }
    CHECK(find_profile("LASER") == nullptr);
    CHECK(find_profile("") == nullptr);
    CHECK(profile_names().size() == 9);
}
