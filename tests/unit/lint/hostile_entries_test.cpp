// Entries are written by others: whatever they hold, findings are text, and proposals are LDIF.
#include "ldap/change.hpp"
#include "lint/lint.hpp"
#include "lint/repair.hpp"
#include "lint/text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace {

using namespace splitmx;

schema::Listing listing_of(std::vector<ldap::Entry> entries) {
    schema::Listing listing;
    listing.sources.push_back({"test", *schema::find_profile("splitmx"), 0});
    for (auto& entry : entries) {
        listing.add(0, std::make_shared<ldap::Entry const>(std::move(entry)));
    }
    return listing;
}

ldap::Entry entry(std::string const& name, std::string kind) {
    ldap::Entry one(ldap::Dn().child("cn", name).value());
    one.add("objectClass", std::move(kind));
    return one;
}

resolver::RoutingTable table() {
    resolver::RoutingTable made;
    auto pattern = resolver::DomainPattern::parse("adatum.com").value();
    made.acceptance.add({std::move(pattern), resolver::Inbound{}, "test:1"});
    return made;
}

}  // namespace

TEST_CASE("lint: control characters and broken UTF-8 stay out of findings", "[lint]") {
    std::string const evil = "evil\r\n\x1b[31m\xff\xfe name";
    std::vector<ldap::Entry> entries;
    entries.push_back(entry(evil, "splitmxCustomRecipient"));
    entries.back().add("splitmxTargetAddress", "SMTP:" + evil);
    entries.back().add("splitmxAddress", "twice@adatum.com");
    entries.push_back(entry(evil + "2", "splitmxMailbox"));
    entries.back().add("splitmxAddress", "twice@adatum.com");
    entries.back().add("splitmxMailHost", evil);
    entries.back().add("splitmxAlternateRecipient", "cn=gone\\0Aaway");
    entries.back().add("splitmxAddress", evil);
    entries.push_back(entry(evil + "3", "splitmxGroup"));
    entries.back().add("splitmxAddress", "group@adatum.com");
    entries.back().add("member", "cn=gone\\0D\\0Aaway");
    auto const listing = listing_of(std::move(entries));
    lint::People const people(listing);
    auto const findings = lint::lint(people, table(), {});
    CHECK(findings.size() >= 5);
    std::string text;
    for (auto const& finding : findings) text += lint::to_text(finding, true);
    CHECK(std::none_of(text.begin(), text.end(), [](char c) {
        auto const octet = static_cast<unsigned char>(c);
        return (octet < 0x20 && c != '\n') || octet == 0x7f || octet == 0xff || octet == 0xfe;
    }));
    auto const proposed = ldap::parse_changes(lint::repair(findings, listing).ldif);
    INFO((proposed ? "" : proposed.error().what));
    CHECK(proposed.has_value());
}

TEST_CASE("lint: nobody is no fault", "[lint]") {
    schema::Listing const empty;
    lint::People const people(empty);
    auto const findings = lint::lint(people, {}, {});
    CHECK(findings.empty());
    CHECK(lint::repair(findings, empty).ldif.empty());
}

TEST_CASE("lint: a long chain of groups is no danger to the stack", "[lint]") {
    std::vector<ldap::Entry> entries;
    for (int i = 0; i < 50'000; ++i) {
        entries.push_back(entry("g" + std::to_string(i), "splitmxGroup"));
        entries.back().add("member", "cn=g" + std::to_string((i + 1) % 50'000));
    }
    entries.front().add("splitmxAddress", std::string("all@adatum.com"));
    auto const listing = listing_of(std::move(entries));
    lint::People const people(listing);
    auto const findings = lint::lint(people, table(), {});
    auto const cycles = std::count_if(findings.begin(), findings.end(), [](auto const& finding) {
        return finding.rule == lint::Rule::group_cycle;
    });
    CHECK(cycles == 1);
}
