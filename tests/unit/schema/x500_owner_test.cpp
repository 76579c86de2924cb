#include "schema/x500_owner.hpp"

#include "ldap/ldif.hpp"
#include "schema/recipient_mapping.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace splitmx;

mail::X500Address x500(std::string const& text) { return mail::X500Address::parse(text).value(); }

schema::Listing listing(std::string const& ldif) {
    schema::Listing all;
    all.sources.push_back({"main", *schema::find_profile("activedirectory"), 0});
    auto const entries = ldap::parse_ldif(ldif).value();
    for (auto const& entry : entries) all.add(0, std::make_shared<ldap::Entry const>(entry));
    return all;
}

std::string const people = R"(dn: CN=Anna Meyer,DC=x
objectClass: user
mail: anna@x.example
proxyAddresses: SMTP:anna@x.example
proxyAddresses: smtp:anna@y.example

dn: CN=Ben,DC=x
objectClass: user
mail: b.baker@x.example
legacyExchangeDN: /o=New/cn=Recipients/cn=baker

dn: CN=Twin One,DC=x
objectClass: user
mail: twin@x.example

dn: CN=Twin Two,DC=x
objectClass: user
mail: twin@y.example
)";

}  // namespace

TEST_CASE("whose X500 address it probably is", "[schema]") {
    auto const all = listing(people);
    schema::X500Guesser const guesser(all);
    struct Row {
        char const* address;
        char const* owner;  // "": nobody can tell
    };
    auto const row = GENERATE(
        Row{"/O=OLD/CN=RECIPIENTS/CN=ANNA", "CN=Anna Meyer,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=Anna Meyer", "CN=Anna Meyer,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=Anna Meyer9ca", "CN=Anna Meyer,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=0123456789abcdef0123456789abcdef-anna", "CN=Anna Meyer,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=0123456789ABCDEF0123456789ABCDEF-Anna1f0",
            "CN=Anna Meyer,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=BAKER", "CN=Ben,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=b.baker", "CN=Ben,DC=x"},
        Row{"/o=Old/cn=Recipients/cn=twin", ""},
        Row{"/o=Old/cn=Recipients/cn=nobody", ""},
        Row{"/o=Old/cn=Recipients/cn=abc", ""},
        Row{"/o=Old/cn=", ""}
    );
    INFO(row.address);
    auto const owner = guesser.owner(x500(row.address));
    CHECK((owner ? all.recipients[*owner].recipient->name.text : "") == row.owner);
}

TEST_CASE("the change that adds an X500 address", "[schema]") {
    auto const all = listing(people);
    auto const change = schema::with_x500(
        all.sources.front().profile, all.recipients.front().recipient->name, x500("/o=Old/cn=anna")
    );
    REQUIRE(change.has_value());
    CHECK(
        ldap::to_ldif(*change) ==
        "dn: CN=Anna Meyer,DC=x\nchangetype: modify\nadd: proxyAddresses\n"
        "proxyAddresses: X500:/o=Old/cn=anna\n-\n\n"
    );
    // What it writes is read again, whatever the profile.
    for (auto const& name : schema::profile_names()) {
        if (name == "custom") continue;
        auto const& profile = *schema::find_profile(name);
        auto const value = schema::x500_value(profile, x500("/o=Old/cn=anna"));
        ldap::Entry entry(ldap::Dn::parse("cn=x").value());
        for (auto const* of_class :
             {"splitmxMailbox",
              "inetLocalMailRecipient",
              "user",
              "mailRecipient",
              "inetMailUser",
              "qmailUser",
              "inetOrgPerson",
              "organizationalPerson"}) {
            entry.add("objectClass", of_class);
        }
        entry.add("mail", "anna@x.example");
        entry.add(value.attribute, value.value);
        INFO(name);
        auto const mapping = schema::map(profile, entry);
        REQUIRE(mapping.recipient() != nullptr);
        CHECK(mapping.recipient()->x500_addresses == std::vector{x500("/O=OLD/CN=ANNA")});
    }
}
