// The pure parts of `splitmx setup`: what people say about domains, and the configuration made of a
// plan. Every shape passes the checks of a configuration without a word.
#include "admin/setup_advice.hpp"
#include "admin/setup_evidence.hpp"
#include "admin/setup_files.hpp"
#include "admin/setup_plan.hpp"
#include "ldap/ldif.hpp"
#include "support/run_splitmx.hpp"
#include "support/temporary_directory.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <sstream>

using namespace splitmx;
using namespace splitmx::admin;

namespace {

schema::Listing sample() {
    auto const entries =
        ldap::read_ldif(std::filesystem::path(SPLITMX_SOURCE_DIR) / "schema/sample.ldif");
    REQUIRE(entries.has_value());
    schema::Listing listing;
    listing.sources.push_back({"main", *schema::find_profile("laser"), 0});
    for (auto const& entry : *entries) {
        listing.add(0, std::make_shared<ldap::Entry const>(entry));
    }
    return listing;
}

// Ours and nobody else's.
SetupPlan plan() {
    SetupPlan plan;
    plan.made = "2026-11-26";
    plan.hostname = "relay1.adatum.com";
    plan.postmaster = "postmaster@adatum.com";
    plan.listen = {"0.0.0.0:25", "[::]:25"};
    plan.directory.uris = {"ldap://ldap1.adatum.com", "ldap://ldap2.adatum.com"};
    plan.directory.base = "dc=adatum,dc=com";
    plan.directory.bind_dn = "cn=splitmx,dc=adatum,dc=com";
    plan.directory.password = "file:directory-password";
    plan.directory.profile = "laser";
    plan.own = {"adatum.com"};
    plan.mailboxes.addresses = {"mbx1.adatum.com"};
    return plan;
}

std::string findings(SetupPlan const& plan) {
    auto const tried = try_configuration(to_toml(plan));
    REQUIRE(tried.has_value());
    CHECK(tried->config.has_value());
    return tried->report;
}

std::string read(std::filesystem::path const& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(std::filesystem::path const& path) {
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    return about.st_mode & 0777U;
}

}  // namespace

TEST_CASE("setup: domains are proposed from the people") {
    auto const evidence = evidence_of(sample());
    CHECK(people_text(evidence) == "12 mailboxes, 12 custom recipients, 3 groups");
    CHECK(proposed_domains(evidence) == std::vector<std::string>{"adatum.com", "contoso.com"});
    CHECK(proposed_shared(evidence) == std::vector<std::string>{"#contoso.com"});
    CHECK(evidence.a_mailbox == "anna@adatum.com");
    CHECK(evidence.a_custom_recipient == "carl@contoso.com");
    CHECK(domains_text(evidence).find("sales.adatum.com          1") != std::string::npos);
    CHECK(hosts_text(evidence).find("4 mailboxes at mbx1.adatum.com\n") != std::string::npos);
    SetupEvidence const nobody = evidence_of({});
    CHECK(proposed_domains(nobody).empty());
    CHECK(people_text(nobody) == "0 mailboxes, 0 custom recipients, 0 groups");
}

TEST_CASE("setup: answers are words, and hosts may speak LMTP") {
    CHECK(words_in(" a, b\tc ,") == std::vector<std::string>{"a", "b", "c"});
    CHECK(words_in("").empty());
    auto const host = setup_host("lmtp:unix:/run/dovecot/lmtp");
    CHECK(host.is_lmtp);
    CHECK(host.addresses == std::vector<std::string>{"unix:/run/dovecot/lmtp"});
    CHECK_FALSE(setup_host("mbx1 mbx2:26").is_lmtp);
}

TEST_CASE("setup: every shape is a configuration without a finding") {
    auto one = plan();
    CHECK(findings(one).empty());
    SECTION("a domain shared with a foreign host") {
        one.shared = {"#contoso.com"};
        one.foreign = setup_host("notes1.contoso.com notes2.contoso.com:2525");
        one.foreign.networks = {"10.0.9.0/24"};
    }
    SECTION("domains of another organisation") {
        one.relayed = {"europe.example", "africa.example"};
        one.partner = setup_host("relay.europe.example");
    }
    SECTION("everything at once") {
        one.shared = {"contoso.com"};
        one.foreign = setup_host("mx:contoso.net");
        one.relayed = {"europe.example"};
        one.partner = setup_host("192.0.2.25");
        one.outbound = setup_host("smarthost.example:2587");
        one.mailboxes = setup_host("lmtp:127.0.0.1:24");
        one.allow = {"10.0.0.0/8"};
        one.directory.profile = "custom";
        one.directory.map = {{"addresses", "mail"}, {"addresses", "alias"}, {"primary", "mail"}};
    }
    SECTION("names that TOML has to quote") {
        one.directory.base = R"(cn="a\\b",dc=adatum,dc=com)";
        one.directory.bind_dn = R"(cn=a\, "b")";
    }
    INFO(to_toml(one));
    CHECK(findings(one).empty());
}

TEST_CASE("setup: files are replaced whole, and what was there is kept") {
    support::TemporaryDirectory const folder;
    std::filesystem::path const config = folder.file("splitmx.toml");
    std::ofstream(config) << "old";
    auto const written = write_files({config, "new", std::string("secret")});
    REQUIRE(written.has_value());
    REQUIRE(written->kept.has_value());
    CHECK(read(*written->kept) == "old");
    CHECK(read(config) == "new");
    CHECK(read(password_file_of(config)) == "secret\n");
    CHECK(mode_of(password_file_of(config)) == 0600);
    auto const again = write_files({config, "newer", std::string("other")});
    REQUIRE(again.has_value());
    CHECK(read(*again->kept) == "new");
    CHECK_FALSE(
        write_files({folder.file("splitmx.toml/below/splitmx.toml"), "x", std::nullopt}).has_value()
    );
}

TEST_CASE("setup: advice names what is still to be done") {
    auto one = plan();
    one.shared = {"#contoso.com"};
    one.foreign = setup_host("notes1.contoso.com");
    SetupDirectory found;
    found.is_ldap = true;
    found.vendor = ldap::Vendor::openldap;
    found.to_do = {"grant cn=splitmx read access"};
    found.evidence = evidence_of(sample());
    auto const text = advice_after_setup(one, found, "/etc/splitmx/splitmx.toml");
    for (auto const* part :
         {"  - grant cn=splitmx read access\n",
          "overlay syncprov",
          "MX records of adatum.com, contoso.com to relay1.adatum.com",
          "  splitmx resolve --offline --explain carl@contoso.com\n",
          "  systemctl enable --now splitmx\n"}) {
        CHECK(text.find(part) != std::string::npos);
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
}

TEST_CASE("setup: without anybody to ask, what is missing is named") {
    auto const ran = test::run_splitmx({"setup", "--yes", "--write", "/nonexistent/x.toml"});
    CHECK(ran.code == 64);
    CHECK(ran.error == "splitmx setup: --directory is needed: with --yes nobody is asked\n");
}
