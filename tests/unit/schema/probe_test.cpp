// What schema check and schema probe make of a server, as functions of what was seen of it.
#include "schema/probe.hpp"

#include "ldap/ldif.hpp"
#include "schema/readiness.hpp"
#include "schema/schema_text.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace splitmx;
using Level = schema::ReadinessLine::Level;

ldap::Subschema subschema(std::vector<std::string> attributes, std::vector<std::string> classes) {
    ldap::Entry entry;
    entry.add("attributeTypes", std::move(attributes));
    entry.add("objectClasses", std::move(classes));
    return ldap::Subschema::from(entry);
}

ldap::Subschema misc() {
    return subschema(
        {"( 2.16.840.1.113730.3.1.13 NAME 'mailLocalAddress' EQUALITY caseIgnoreIA5Match )",
         "( 2.16.840.1.113730.3.1.18 NAME 'mailHost' SINGLE-VALUE )",
         "( 2.16.840.1.113730.3.1.47 NAME 'mailRoutingAddress' SINGLE-VALUE )",
         "( 0.9.2342.19200300.100.1.3 NAME ( 'mail' 'rfc822Mailbox' ) )",
         "( 2.5.4.31 NAME 'member' SUP distinguishedName )"},
        {"( 2.16.840.1.113730.3.2.147 NAME 'inetLocalMailRecipient' AUXILIARY )",
         "( 2.5.6.9 NAME 'groupOfNames' STRUCTURAL )"}
    );
}

std::vector<ldap::Entry> sample() {
    auto const file = std::filesystem::path(SPLITMX_SOURCE_DIR) / "schema/sample.ldif";
    return ldap::read_ldif(file).value();
}

schema::ReadinessLine line(
    std::vector<schema::ReadinessLine> const& lines, std::string const& subject
) {
    for (auto const& one : lines) {
        if (one.subject == subject) return one;
    }
    FAIL("no line about " << subject);
    return {};
}

std::string read(std::string const& name) {
    std::ifstream file(std::filesystem::path(SPLITMX_SOURCE_DIR) / "schema" / name);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("schema check: a server that is ready", "[schema]") {
    schema::ServerView view{misc(), sample(), std::vector<std::string>{"maillocaladdress"}};
    auto const lines = schema::readiness(*schema::find_profile("laser"), view);
    for (auto const& one : lines) {
        INFO(one.subject << ": " << one.text);
        CHECK(one.level == Level::good);
    }
    CHECK(line(lines, "mailLocalAddress").text.ends_with("entries, indexed"));
}

TEST_CASE("schema check: what is missing is told", "[schema]") {
    auto const& laser = *schema::find_profile("laser");
    schema::ServerView view{misc(), sample(), std::vector<std::string>{"uid"}};
    CHECK(line(schema::readiness(laser, view), "mailLocalAddress").level == Level::warning);
    view.indexed.reset();
    CHECK(line(schema::readiness(laser, view), "indexes").level == Level::note);
    view.samples.clear();
    CHECK(line(schema::readiness(laser, view), "recipients").level == Level::error);
    view.subschema = subschema({"( 1.2 NAME 'mail' )"}, {"( 1.3 NAME 'person' )"});
    auto const lines = schema::readiness(laser, view);
    CHECK(line(lines, "mailLocalAddress").level == Level::error);
    CHECK(line(lines, "inetLocalMailRecipient").level == Level::error);
    CHECK(line(lines, "mailHost").level == Level::note);
}

TEST_CASE("schema check: case must not count", "[schema]") {
    auto types = subschema(
        {"( 1.1 NAME 'base' EQUALITY caseExactIA5Match )",
         "( 1.2 NAME 'mailLocalAddress' SUP base )"},
        {}
    );
    schema::ServerView view{types, sample(), std::nullopt};
    auto const told =
        line(schema::readiness(*schema::find_profile("laser"), view), "mailLocalAddress");
    CHECK(told.level == Level::warning);
    CHECK(told.text.find("compared with case") != std::string::npos);
}

TEST_CASE("schema probe: the profile that makes most entries recipients", "[schema]") {
    schema::ServerView view{misc(), sample(), std::nullopt};
    auto const guesses = schema::probe(view);
    REQUIRE_FALSE(guesses.empty());
    CHECK(guesses.front().name == "laser");
    CHECK(guesses.front().map.empty());
    CHECK(guesses.front().custom_recipients > 0);
}

TEST_CASE("schema probe: 389 has a profile of its own", "[schema]") {
    auto entries = ldap::parse_ldif(
                       "dn: uid=a,o=x\nobjectClass: mailRecipient\nmail: a@x.example\n"
                       "mailAlternateAddress: alias@x.example\n\n"
                       "dn: uid=b,o=x\nobjectClass: mailRecipient\nmail: b@x.example\n"
                       "mailDeliveryOption: forward\nmailForwardingAddress: b@y.example\n"
    )
                       .value();
    schema::ServerView view{
        subschema({}, {"( 2.16.840.1.113730.3.2.3 NAME 'mailRecipient' AUXILIARY )"}),
        std::move(entries),
        std::nullopt};
    auto const guesses = schema::probe(view);
    REQUIRE_FALSE(guesses.empty());
    CHECK(guesses.front().name == "netscape");
    CHECK(guesses.front().custom_recipients == 1);
    CHECK(guesses.front().map.empty());
}

TEST_CASE("schema probe: other products get a map", "[schema]") {
    auto entries = ldap::parse_ldif("dn: uid=a,o=x\nobjectClass: kolabInetOrgPerson\n"
                                    "mail: a@x.example\nalias: second@x.example\n")
                       .value();
    schema::ServerView view{
        subschema({}, {"( 1.3.6.1.4.1.19414.3.2.2 NAME 'kolabInetOrgPerson' )"}),
        std::move(entries),
        std::nullopt};
    auto const guesses = schema::probe(view);
    REQUIRE_FALSE(guesses.empty());
    CHECK(guesses.front().name == "Kolab");
    CHECK(schema::make_custom(guesses.front().map).has_value());
}

TEST_CASE("schema probe: people with nothing but mail are of the plain profile", "[schema]") {
    auto entries = ldap::parse_ldif("dn: uid=a,o=x\nobjectClass: organizationalPerson\n"
                                    "objectClass: inetOrgPerson\nmail: a@x.example\n")
                       .value();
    auto const guesses = schema::probe({subschema({}, {}), std::move(entries), std::nullopt});
    REQUIRE_FALSE(guesses.empty());
    CHECK(guesses.front().name == "inetorgperson");
}

TEST_CASE("schema probe: nothing to go by is no guess", "[schema]") {
    CHECK(schema::probe(schema::ServerView{}).empty());
    auto people = ldap::parse_ldif("dn: uid=a,o=x\nobjectClass: person\ncn: a\n").value();
    CHECK(schema::probe(schema::ServerView{{}, std::move(people), {}}).empty());
}

TEST_CASE("subschema: odd descriptions do no harm", "[schema]") {
    auto const odd = GENERATE(
        std::string(""),
        std::string("("),
        std::string("( 1.2 NAME"),
        std::string("( 1.2 NAME ( 'a'"),
        std::string("NAME 'unclosed"),
        std::string("( 1.2 NAME 'loop' SUP loop )")
    );
    auto const known = subschema({odd}, {odd});
    CHECK(known.equality_of("loop").empty());
    CHECK_FALSE(known.has_class("b"));
}

TEST_CASE("the program has the schema files with it", "[schema]") {
    CHECK(schema::recipient_schema() == read("recipient.schema"));
    CHECK(schema::recipient_ldif() == read("recipient.ldif"));
}
