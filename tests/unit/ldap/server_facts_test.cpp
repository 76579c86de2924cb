#include "ldap/server_facts.hpp"

#include "ldap/ldif.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::ldap;

namespace {

// What three servers tell, as ldapsearch prints it.
ServerFacts facts_of(std::string const& attributes) {
    auto const parsed = parse_ldif("dn: cn=x\n" + attributes).value();
    return facts_from_root_dse(parsed.front());
}

std::string const openldap =
    "objectClass: top\nobjectClass: OpenLDAProotDSE\nnamingContexts: dc=example,dc=com\n"
    "supportedControl: 1.3.6.1.4.1.4203.1.9.1.1\nsupportedControl: 1.2.840.113556.1.4.319\n";
std::string const without_syncprov =
    "structuralObjectClass: OpenLDAProotDSE\nsupportedControl: 1.2.840.113556.1.4.319\n";
std::string const directory_389 =
    "objectClass: top\nvendorName: 389 Project\nvendorVersion: 389-Directory/2.3.1 B2023\n"
    "supportedControl: 1.3.6.1.4.1.4203.1.9.1.1\nsupportedControl: 1.2.840.113556.1.4.319\n";
std::string const active_directory =
    "supportedCapabilities: 1.2.840.113556.1.4.800\nsupportedControl: 1.2.840.113556.1.4.319\n"
    "supportedControl: 1.2.840.113556.1.4.841\nnamingContexts: DC=ad,DC=example\n"
    "namingContexts: CN=Configuration,DC=ad,DC=example\nnamingContexts: no dn\n"
    "dsServiceName: CN=NTDS Settings,CN=DC1,CN=Servers,DC=ad,DC=example\n"
    "highestCommittedUSN: 4711\n";
std::string const plain = "vendorName: Somebody\nsupportedControl: 1.2.3\n";
std::string const mute = "objectClass: top\n";

}  // namespace

TEST_CASE("server facts: how a server is followed") {
    struct Row {
        std::string name, root_dse;
        Vendor vendor;
        SyncChoice choice;
        std::string method;  // or a part of the reason why there is none
    };
    auto const row = GENERATE(
        Row{"OpenLDAP", openldap, Vendor::openldap, SyncChoice::automatic, "syncrepl"},
        Row{"OpenLDAP, forced", openldap, Vendor::openldap, SyncChoice::poll, "poll"},
        Row{"no syncprov", without_syncprov, Vendor::openldap, SyncChoice::automatic, "poll"},
        Row{"no syncprov, forced",
            without_syncprov,
            Vendor::openldap,
            SyncChoice::syncrepl,
            "load the overlay syncprov"},
        Row{"389", directory_389, Vendor::directory_389, SyncChoice::automatic, "syncrepl"},
        Row{"AD", active_directory, Vendor::active_directory, SyncChoice::automatic, "dirsync"},
        Row{"AD, forced", active_directory, Vendor::active_directory, SyncChoice::poll, "poll"},
        Row{"AD's other service",
            "supportedCapabilities: 1.2.840.113556.1.4.800\nsupportedControl: "
            "1.2.840.113556.1.4.319\n",
            Vendor::active_directory,
            SyncChoice::automatic,
            "poll"},
        Row{"OpenLDAP as AD",
            openldap,
            Vendor::openldap,
            SyncChoice::dirsync,
            "only a domain controller"},
        Row{"neither",
            plain,
            Vendor::unknown,
            SyncChoice::automatic,
            "neither content synchronisation"},
        Row{"neither, forced", plain, Vendor::unknown, SyncChoice::poll, "poll"},
        Row{"mute", mute, Vendor::unknown, SyncChoice::automatic, "read the root DSE"}
    );
    CAPTURE(row.name);
    auto const facts = facts_of(row.root_dse);
    CHECK(facts.vendor == row.vendor);
    auto const method = choose_method(row.choice, facts);
    if (method) {
        CHECK(to_text(*method) == row.method);
    } else {
        CHECK(method.error().code == Errc::unsupported);
        CHECK_THAT(method.error().what, Catch::Contains(row.method));
    }
}

TEST_CASE("server facts: the naming context of a base") {
    auto const facts = facts_of(active_directory);
    auto const context_of = [&](std::string const& dn) {
        return facts.naming_context_of(Dn::parse(dn).value()).text();
    };
    CHECK(facts.naming_contexts.size() == 2);
    CHECK(context_of("OU=people,DC=ad,DC=example") == "DC=ad,DC=example");
    CHECK(
        context_of("CN=x,CN=Configuration,DC=ad,DC=example") == "CN=Configuration,DC=ad,DC=example"
    );
    CHECK(context_of("dc=elsewhere") == "dc=elsewhere");
    CHECK(facts_of(directory_389).version == "389-Directory/2.3.1 B2023");
}

TEST_CASE("server facts: how far 389's changelog reaches") {
    CHECK_FALSE(facts_of(openldap).first_change.has_value());
    auto const facts = facts_of(directory_389 + "firstchangenumber: 3\nlastchangenumber: 17\n");
    CHECK(facts.first_change == 3);
    CHECK(facts.last_change == 17);
    CHECK_FALSE(facts_of(directory_389 + "firstchangenumber: -1\n").first_change.has_value());
    CHECK_FALSE(facts_of(directory_389 + "lastchangenumber: 1x\n").last_change.has_value());
}

TEST_CASE("server facts: of Active Directory") {
    CHECK(facts_of(active_directory).service_name.starts_with("CN=NTDS Settings,CN=DC1"));
    auto const root = parse_ldif("dn: cn=x\n" + active_directory).value().front();
    CHECK(committed_usn(root) == 4711);
    CHECK_FALSE(committed_usn(Entry()).has_value());
    CHECK(is_global_catalogue("ldap://dc1:3268"));
    CHECK(is_global_catalogue("ldaps://dc1.x:3269/"));
    CHECK_FALSE(is_global_catalogue("ldap://dc1:389"));
    CHECK_FALSE(is_global_catalogue("ldap://dc3268"));
}
