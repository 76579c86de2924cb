#include "schema/entry_filter.hpp"

#include "ldap/ldif.hpp"
#include "schema/profile.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace splitmx;

ldap::Entry anna() {
    return ldap::parse_ldif(
               "dn: uid=anna,o=x\n"
               "objectClass: inetOrgPerson\n"
               "cn: Anna  Albers\n"
               "mail: Anna@example.com\n"
               "mail: (a*b)\\@example.com\n"
               "employeeType: staff\n"
    )
        .value()
        .front();
}

struct Row {
    std::string filter;
    bool matches;
};

}  // namespace

TEST_CASE("filters match entries as a server would", "[schema]") {
    auto const row = GENERATE(values<Row>({
        {"(objectClass=*)", true},
        {"(OBJECTCLASS=INETORGPERSON)", true},
        {"(objectClass=person)", false},
        {"(uid=*)", false},
        {"(cn=anna albers)", true},
        {"(cn= Anna Albers )", true},
        {"(cn=annaalbers)", false},
        {"(mail=anna@EXAMPLE.com)", true},
        {"(mail=\\28a\\2ab\\29\\5c@example.com)", true},
        {"(mail=*@example.com)", true},
        {"(mail=anna@*)", true},
        {"(mail=a*a*@*e.com)", true},
        {"(mail=*\\2a*)", true},
        {"(cn=a*\\2a*)", false},
        {"(cn=anna *)", true},
        {"(cn=*n albers)", false},
        {"(cn=anna albers*anna albers)", false},
        {"(&)", true},
        {"(|)", false},
        {"(&(mail=*)(cn=*))", true},
        {"(&(mail=*)(uid=*))", false},
        {"(|(uid=*)(cn=*))", true},
        {"(|(uid=*)(sn=*))", false},
        {"(!(employeeType=former))", true},
        {"(!(employeeType=staff))", false},
        {"(!(!(mail=*)))", true},
        {"(!(absent=x))", true},
        {"(&(|(a=*)(mail=*))(!(|(b=*)(c=*))))", true},
    }));
    INFO(row.filter);
    auto const compiled = schema::EntryFilter::compile(ldap::Filter::raw(row.filter).value());
    REQUIRE(compiled.has_value());
    CHECK(compiled->matches(anna()) == row.matches);
}

TEST_CASE("matches that need a server's schema are refused", "[schema]") {
    auto const* text = GENERATE(
        "(createTimestamp>=20260101000000Z)",
        "(a<=b)",
        "(cn~=anna)",
        "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        "(&(mail=*)(!(a>=1)))"
    );
    auto const compiled = schema::EntryFilter::compile(ldap::Filter::raw(text).value());
    REQUIRE(compiled.has_error());
    CHECK(compiled.error().code == ldap::Errc::unsupported);
    CHECK_THAT(compiled.error().what, Catch::Contains("can only be asked of an LDAP server"));
}

TEST_CASE("the filters of the built-in profiles can be applied to entries", "[schema]") {
    for (auto const& name : schema::profile_names()) {
        if (name == "custom") continue;
        CHECK(schema::EntryFilter::compile(schema::find_profile(name)->filter).has_value());
    }
}
