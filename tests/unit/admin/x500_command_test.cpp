#include "admin/x500_command.hpp"

#include "ldap/change.hpp"
#include "ldap/ldif.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
namespace json = control::json;

namespace {

json::object row(char const* x500, std::uint64_t count) {
    return {{"x500", x500}, {"address", "IMCEAEX-...@x.example"}, {"count", count}, {"last", 1000}};
}

schema::Listing listing() {
    schema::Listing all;
    all.sources.push_back({"main", *schema::find_profile("activedirectory"), 0});
    auto const entries =
        ldap::parse_ldif("dn: CN=Anna,DC=x\nobjectClass: user\nmail: anna@x.example\n").value();
    all.add(0, std::make_shared<ldap::Entry const>(entries.front()));
    return all;
}

std::vector<json::object> rows() { return {row("/O=OLD/CN=ANNA", 12), row("/o=Old/cn=nobody", 1)}; }

}  // namespace

TEST_CASE("X500 addresses that nobody has, for people") {
    CHECK(
        admin::x500_text(rows(), listing(), 1180) ==
        "/O=OLD/CN=ANNA\n"
        "    12 times, the last 3 min ago: IMCEAEX-...@x.example\n"
        "    probably anna@x.example, CN=Anna,DC=x\n"
        "/o=Old/cn=nobody\n"
        "    once, the last 3 min ago: IMCEAEX-...@x.example\n"
        "    nobody, or more than one, has such a name\n"
    );
}

TEST_CASE("an X500 address that somebody has by now is not listed any more") {
    auto all = listing();
    auto with_name = *all.recipients.front().recipient;
    with_name.x500_addresses.push_back(mail::X500Address::parse("/o=Old/cn=anna").value());
    all.recipients.front().recipient =
        std::make_shared<resolver::Recipient const>(std::move(with_name));
    auto const left = admin::still_unfound(rows(), all);
    REQUIRE(left.size() == 1);
    CHECK(left.front().at("x500").as_string() == "/o=Old/cn=nobody");
    CHECK(admin::still_unfound(rows(), listing()).size() == 2);
}

TEST_CASE("changes that would add them, for ldapmodify") {
    auto const ldif = admin::x500_ldif(rows(), listing());
    CHECK(
        ldif ==
        "# Proposed by splitmx directory x500. Read it, choose, then apply it with ldapmodify.\n"
        "# Nothing has been changed.\n"
        "\n"
        "# A guess, by its name: look whether it is so.\n"
        "dn: CN=Anna,DC=x\n"
        "changetype: modify\n"
        "add: proxyAddresses\n"
        "proxyAddresses: X500:/O=OLD/CN=ANNA\n"
        "-\n"
        "\n"
        "# dn: THE ENTRY OF WHOEVER HAD IT\n"
        "# changetype: modify\n"
        "# add: proxyAddresses\n"
        "# proxyAddresses: X500:/o=Old/cn=nobody\n"
    );
    CHECK(ldap::parse_changes(ldif).has_value());
}
