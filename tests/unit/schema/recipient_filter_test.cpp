#include "schema/recipient_filter.hpp"

#include "schema/custom_profile.hpp"
#include "schema/recipient_mapping.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace {

using namespace splitmx;

struct Row {
    std::string name;
    std::string profile;
    std::string address;
    std::string filter;  // behind the profile's own
};

mail::Mailbox mailbox(std::string const& text) { return mail::Mailbox::parse(text).value(); }

std::string inner_filter(schema::Profile const& profile, std::string const& address) {
    auto const text = schema::filter_for(profile, mailbox(address)).text();
    auto const start = "(&" + profile.filter.text();
    REQUIRE(text.starts_with(start));
    return text.substr(start.size(), text.size() - start.size() - 1);
}

}  // namespace

TEST_CASE("a filter asks for every spelling of an address", "[schema]") {
    auto const row = GENERATE(values<Row>({
        {"plain",
         "laser",
         "Anna@Example.COM",
         R"((|(mailLocalAddress=Anna@example.com)(mailLocalAddress="Anna"@example.com)))"},
        {"two attributes",
         "splitmx",
         "a@x.example",
         R"((|(splitmxAddress=a@x.example)(splitmxPrimaryAddress=a@x.example))"
         R"((splitmxAddress="a"@x.example)(splitmxPrimaryAddress="a"@x.example)))"},
        {"prefix for the one, none for the other",
         "activedirectory",
         "a@x.example",
         R"((|(proxyAddresses=smtp:a@x.example)(mail=a@x.example))"
         R"((proxyAddresses=smtp:"a"@x.example)(mail="a"@x.example)))"},
        {"quotes that are not needed",
         "laser",
         "\"a.b\"@x.example",
         R"((|(mailLocalAddress=a.b@x.example)(mailLocalAddress="a.b"@x.example)))"},
        {"quotes that are needed",
         "laser",
         "\"a b\"@x.example",
         R"((mailLocalAddress="a b"@x.example))"},
        {"IDN",
         "laser",
         "a@b\xC3\xBC"
         "cher.example",
         R"((|(mailLocalAddress=a@xn--bcher-kva.example)(mailLocalAddress="a"@xn--bcher-kva.example))"
         R"((mailLocalAddress=a@b)"
         "\xC3\xBC"
         R"(cher.example)(mailLocalAddress="a"@b)"
         "\xC3\xBC"
         R"(cher.example)))"},
        {"an A-label that stands for nothing",
         "laser",
         "a@xn--0.example",
         R"((|(mailLocalAddress=a@xn--0.example)(mailLocalAddress="a"@xn--0.example)))"},
        {"asterisk, Q245041",
         "laser",
         "*@x.example",
         R"((|(mailLocalAddress=\2a@x.example)(mailLocalAddress="\2a"@x.example)))"},
        {"brackets and backslash",
         "laser",
         R"("()\\"@x.example)",
         R"((mailLocalAddress="\28\29\5c\5c"@x.example))"},
    }));
    INFO(row.name);
    CHECK(inner_filter(*schema::find_profile(row.profile), row.address) == row.filter);
}

TEST_CASE("a NUL never gets as far as a filter, and would be escaped there", "[schema]") {
    using namespace std::string_literals;
    CHECK(mail::Mailbox::parse("a\0b@x.example"s).has_error());
    CHECK(ldap::Filter::equal("mail", "a\0b"s).text() == "(mail=a\\00b)");
}

TEST_CASE("filters of every built-in profile are well-formed for odd addresses", "[schema]") {
    auto const* address =
        GENERATE("*)(uid=*@x.example", R"("\"@\"()*\\"@x.example)", "{0}%s@[192.0.2.1]");
    auto const parsed = mail::Mailbox::parse(address);
    if (!parsed) return;
    for (auto const& name : schema::profile_names()) {
        if (name == "custom") continue;
        auto const filter = schema::filter_for(*schema::find_profile(name), *parsed);
        CHECK(ldap::Filter::raw(filter.text()).has_value());
    }
}

TEST_CASE("smtp-dollar addresses are asked for with their type", "[schema]") {
    std::vector<schema::KeyAndValue> const map = {
        {"addresses", "otherMailbox"}, {"syntax", "smtp-dollar"}, {"filter", "(a=b)"}};
    auto const profile = schema::make_custom(map).value();
    CHECK(
        schema::filter_for(profile, mailbox("\"a b\"@x.example")).text() ==
        R"((&(a=b)(otherMailbox=smtp$"a b"@x.example)))"
    );
}

TEST_CASE("one filter asks for several addresses; of none it asks for nobody", "[schema]") {
    std::vector<mail::Mailbox> const both = {
        mailbox("\"a b\"@x.example"), mailbox("\"c d\"@x.example")};
    auto const& laser = *schema::find_profile("laser");
    CHECK_THAT(
        schema::filter_for(laser, both).text(),
        Catch::EndsWith(
            R"((|(mailLocalAddress="a b"@x.example)(mailLocalAddress="c d"@x.example))))"
        )
    );
    CHECK_THAT(
        schema::filter_for(laser, std::span<mail::Mailbox const>()).text(), Catch::EndsWith("(|))")
    );
}

// What the mapping takes as an address has to be found by a live lookup of that address.
TEST_CASE("every spelling that the mapping takes is one that the filter asks for", "[schema]") {
    auto const* value = GENERATE(
        "a@x.example",
        "\"a\"@x.example",
        "\"a b\"@x.example",
        "a@xn--bcher-kva.example",
        "a@b\xC3\xBC"
        "cher.example",
        "o'neil@x.example",
        "a@[192.0.2.1]"
    );
    ldap::Entry entry(ldap::Dn::parse("cn=x").value());
    entry.add("objectClass", "inetLocalMailRecipient");
    entry.add("mailLocalAddress", std::string(value));
    auto const& laser = *schema::find_profile("laser");
    auto const mapping = schema::map(laser, entry);
    REQUIRE(mapping.recipient() != nullptr);
    REQUIRE(mapping.recipient()->addresses.size() == 1);
    auto const& address = mapping.recipient()->addresses.front();
    CHECK_THAT(
        schema::filter_for(laser, address).text(),
        Catch::Contains(ldap::Filter::equal("mailLocalAddress", value).text())
    );
}

TEST_CASE("the attributes to ask for are all that a profile reads, each once", "[schema]") {
    CHECK(
        schema::requested_attributes(*schema::find_profile("laser")) ==
        std::vector<std::string>{
            "objectClass", "mailLocalAddress", "mail", "mailRoutingAddress", "mailHost", "member"}
    );
    for (auto const* name : {"splitmx", "activedirectory"}) {
        auto names = schema::requested_attributes(*schema::find_profile(name));
        CHECK(names.front() == "objectClass");
        CHECK(names.size() == (std::string(name) == "splitmx" ? 13U : 16U));
        std::sort(names.begin(), names.end());
        CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    }
}

TEST_CASE("owning an address is decided by our own comparison", "[schema]") {
    resolver::Recipient recipient;
    recipient.addresses = {mailbox("Anna@Example.com"), mailbox("\"a.b\"@example.com")};
    CHECK(schema::owns(recipient, mailbox("anna@EXAMPLE.com")));
    CHECK(schema::owns(recipient, mailbox("A.B@example.com")));
    CHECK_FALSE(schema::owns(recipient, mailbox("anna@sub.example.com")));
    CHECK_FALSE(schema::owns(recipient, mailbox("ann@example.com")));
}

TEST_CASE("an X500 address is asked for as proxy and as legacyExchangeDN", "[schema]") {
    auto const x500 = mail::X500Address::parse("/o=A (B)/cn=*").value();
    CHECK_THAT(
        schema::filter_for(*schema::find_profile("activedirectory"), x500).text(),
        Catch::EndsWith(
            R"((|(proxyAddresses=X500:/o=A \28B\29/cn=\2a)(mail=X500:/o=A \28B\29/cn=\2a))"
            R"((legacyExchangeDN=/o=A \28B\29/cn=\2a))))"
        )
    );
    CHECK_THAT(
        schema::filter_for(*schema::find_profile("exchange55"), x500).text(),
        Catch::Contains(R"((otherMailbox=X500$/o=A \28B\29/cn=\2a))")
    );
}
