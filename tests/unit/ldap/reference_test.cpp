#include "ldap/reference.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::ldap;

TEST_CASE("references: the place that a URI names") {
    CHECK(place_of("ldap://a.example/ou=There,dc=X??sub")->key() == "ou=there,dc=x");
    CHECK(place_of("ldap://a:389/ou=a%20b%5C%2Cc,dc=x") == Dn::parse("ou=a b\\,c,dc=x").value());
    for (auto const* uri :
         {"",
          "ldap://a",
          "ldap://a/",
          "ldap://a/??sub",
          "ldap://a/nonsense",
          "ldap://a/ou=%4",
          "ldap://a/ou=%zz,dc=x"}) {
        CAPTURE(uri);
        CHECK_FALSE(place_of(uri).has_value());
    }
}

TEST_CASE("references: behind which there may be people that nobody sees") {
    std::vector<std::string> const uris{
        "ldap://DomainDnsZones.x/DC=DomainDnsZones,DC=x",
        "ldap://x/CN=Configuration,DC=x",
        "ldap://b/ou=b,dc=x??sub",
        "ldap://c/ou=deep,ou=c,dc=x",
        "ldap://d"};
    CHECK(
        unseen_places(uris, {*Dn::parse("OU=c,dc=x")}) ==
        std::vector<std::string>{"ldap://b/ou=b,dc=x??sub", "ldap://d"}
    );
}
