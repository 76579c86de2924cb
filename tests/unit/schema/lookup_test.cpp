#include "schema/lookup.hpp"

#include "ldap/ldif.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace splitmx;

std::vector<ldap::Entry> entries(std::string const& ldif) { return ldap::parse_ldif(ldif).value(); }

mail::Mailbox mailbox(std::string const& text) { return mail::Mailbox::parse(text).value(); }

schema::Profile const& laser() { return *schema::find_profile("laser"); }

// Two owners of max@, one of anna@, an entry that only a loose match would bring, one that is no
// recipient.
std::string const people = R"(dn: uid=anna,o=x
objectClass: inetLocalMailRecipient
mailLocalAddress: anna@x.example
mailLocalAddress: broken..dot@x.example

dn: uid=max,o=x
objectClass: inetLocalMailRecipient
mailLocalAddress: max@x.example

dn: cn=Max (Notes),o=x
objectClass: inetLocalMailRecipient
mailLocalAddress: MAX@X.EXAMPLE
mailRoutingAddress: max@notes.example

dn: uid=loose,o=x
objectClass: inetLocalMailRecipient
mailLocalAddress: zoe@y.example

dn: uid=none,o=x
objectClass: person
mail: nobody@x.example
)";

}  // namespace

TEST_CASE("each address that was asked gets the answer of its owners", "[schema]") {
    std::vector<mail::Mailbox> const asked = {
        mailbox("Anna@X.example"),
        mailbox("max@x.example"),
        mailbox("zoe@x.example"),
        mailbox("nobody@x.example"),
        mailbox("anna@x.example")};
    auto const found = entries(people);
    auto const lookup = schema::answer_addresses(laser(), found, asked);

    REQUIRE(lookup.answers.size() == asked.size());
    auto const* anna = std::get_if<resolver::One>(&lookup.answers[0]);
    REQUIRE(anna != nullptr);
    CHECK(anna->recipient->name.text == "uid=anna,o=x");
    auto const* max = std::get_if<resolver::Many>(&lookup.answers[1]);
    REQUIRE(max != nullptr);
    REQUIRE(max->names.size() == 2);
    CHECK(max->names[1].text == "cn=Max (Notes),o=x");
    CHECK(std::holds_alternative<resolver::None>(lookup.answers[2]));
    CHECK(std::holds_alternative<resolver::None>(lookup.answers[3]));
    CHECK(std::holds_alternative<resolver::One>(lookup.answers[4]));

    REQUIRE(lookup.remarks.size() == 1);
    CHECK(lookup.remarks.front().entry.text == "uid=anna,o=x");
    CHECK(lookup.remarks.front().remarks.front().id == schema::RemarkId::double_dot);
}

TEST_CASE("an entry that a server gives twice is one owner", "[schema]") {
    auto found = entries(people);
    auto const again = entries(
        "dn: UID=Anna, O=X\nobjectClass: inetLocalMailRecipient\n"
        "mailLocalAddress: anna@x.example\n"
    );
    found.push_back(again.front());
    auto const asked = mailbox("anna@x.example");
    auto const lookup = schema::answer_addresses(laser(), found, std::span(&asked, 1));
    CHECK(std::holds_alternative<resolver::One>(lookup.answers.front()));
}

TEST_CASE("no entries mean that nobody has the address", "[schema]") {
    auto const asked = mailbox("anna@x.example");
    auto const lookup = schema::answer_addresses(laser(), {}, std::span(&asked, 1));
    REQUIRE(lookup.answers.size() == 1);
    CHECK(std::holds_alternative<resolver::None>(lookup.answers.front()));
    CHECK(schema::answer_addresses(laser(), {}, {}).answers.empty());
}

TEST_CASE("a name is answered by the entry it is of", "[schema]") {
    auto const found = entries(people);
    auto const one = schema::answer_name(laser(), std::span(found).subspan(1, 1));
    REQUIRE(std::holds_alternative<resolver::One>(one.answers.front()));
    CHECK(std::get<resolver::One>(one.answers.front()).recipient->name.key == "uid=max,o=x");
    auto const no_recipient = schema::answer_name(laser(), std::span(found).subspan(4, 1));
    CHECK(std::holds_alternative<resolver::None>(no_recipient.answers.front()));
    auto const nothing = schema::answer_name(laser(), {});
    CHECK(std::holds_alternative<resolver::None>(nothing.answers.front()));
}

TEST_CASE("an X500 address gets the answer of its owners, whatever matched", "[schema]") {
    auto const& profile = *schema::find_profile("activedirectory");
    auto const found = entries(R"(dn: CN=anna,DC=x
objectClass: user
mail: anna@x.example
legacyExchangeDN: /o=X/cn=Recipients/cn=Anna

dn: CN=max,DC=x
objectClass: user
proxyAddresses: smtp:max@x.example
proxyAddresses: x500:/o=x/cn=recipients/cn=max

dn: CN=loose,DC=x
objectClass: user
mail: loose@x.example
proxyAddresses: X500:/o=x/cn=recipients/cn=loose
)");
    auto const owner = [&](char const* text) {
        auto const asked = mail::X500Address::parse(text).value();
        auto const lookup = schema::answer_x500(profile, found, asked);
        REQUIRE(lookup.answers.size() == 1);
        auto const* one = std::get_if<resolver::One>(&lookup.answers.front());
        return one ? one->recipient->name.text : "none";
    };
    CHECK(owner("/O=X/CN=RECIPIENTS/CN=ANNA") == "CN=anna,DC=x");
    CHECK(owner("/o=x/cn=recipients/cn=max") == "CN=max,DC=x");
    CHECK(owner("/o=x/cn=recipients/cn=nobody") == "none");
}
