#include "support/sync_fixture.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

using namespace splitmx::test;
using sync::EndReason;

TEST_CASE("sync: the content, then every change of it") {
    Slapd const server({.ldif = people(3), .syncprov = true});
    Copy copy;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for(names(3)));
    REQUIRE(copy.wait_for_refresh());
    auto const first = copy.view();
    CHECK(first.method == SyncMethod::syncrepl);
    CHECK(first.cookie.has_value());
    CHECK(copy.entry("cn=u1")->first("mail") == "u1@example.com");
    CHECK_FALSE(copy.entry("cn=u1")->has("sn"));

    server.change(person("new"));
    REQUIRE(copy.wait_for({"cn=u0", "cn=u1", "cn=u2", "cn=new"}));
    CHECK(copy.view().cookie != first.cookie);

    server.change(modification("new", "replace: mail\nmail: other@example.com"));
    server.change(deletion("u0"));
    REQUIRE(copy.wait_for({"cn=u1", "cn=u2", "cn=new"}));
    CHECK(copy.entry("cn=new")->first("mail") == "other@example.com");
    CHECK(copy.view().sessions == 1);
    CHECK(copy.view().ends.empty());
}

TEST_CASE("sync: an entry keeps its id when it is renamed or moved") {
    Slapd const server(
        {.ldif =
             people(2) + "dn: ou=x,dc=example,dc=com\nobjectClass: organizationalUnit\nou: x\n\n",
         .syncprov = true}
    );
    Copy copy;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for(names(2)));
    auto const id = copy.id("cn=u0");
    server.change(renaming("u0", "anna"));
    REQUIRE(copy.wait_for({"cn=anna", "cn=u1"}));
    CHECK(copy.id("cn=anna") == id);
    server.change(renaming("anna", "anna", "newsuperior: ou=x,dc=example,dc=com\n"));
    REQUIRE(copy.wait_for({"cn=anna,ou=x", "cn=u1"}));
    CHECK(copy.id("cn=anna,ou=x") == id);
}

TEST_CASE("sync: entries leave filter and base, and come back") {
    Slapd const server(
        {.ldif =
             "dn: ou=in,dc=example,dc=com\nobjectClass: organizationalUnit\nou: in\n\n"
             "dn: ou=out,dc=example,dc=com\nobjectClass: organizationalUnit\nou: out\n\n"
             "dn: cn=anna,ou=in,dc=example,dc=com\nobjectClass: inetOrgPerson\ncn: anna\nsn: x\n"
             "mail: anna@example.com\n\n",
         .syncprov = true}
    );
    auto settings = sync_settings_for({server.uri()});
    settings.base = Dn::parse("ou=in,dc=example,dc=com").value();
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for({"cn=anna,ou=in"}));
    auto const at = [](std::string const& unit) {
        return "dn: cn=anna,ou=" + unit + ",dc=example,dc=com\nchangetype: ";
    };
    server.change(at("in") + "modify\ndelete: mail\n\n");
    REQUIRE(copy.wait_for({}));
    server.change(at("in") + "modify\nadd: mail\nmail: anna@example.com\n\n");
    REQUIRE(copy.wait_for({"cn=anna,ou=in"}));
    server.change(
        at("in") +
        "modrdn\nnewrdn: cn=anna\ndeleteoldrdn: 1\nnewsuperior: ou=out,dc=example,dc=com\n\n"
    );
    REQUIRE(copy.wait_for({}));
    server.change(
        at("out") +
        "modrdn\nnewrdn: cn=anna\ndeleteoldrdn: 1\nnewsuperior: ou=in,dc=example,dc=com\n\n"
    );
    REQUIRE(copy.wait_for({"cn=anna,ou=in"}));
    CHECK(copy.view().sessions == 1);
}

TEST_CASE("sync: the server answers between changes") {
    Slapd const server({.ldif = people(1), .syncprov = true});
    auto settings = sync_settings_for({server.uri()});
    settings.heartbeat = 10ms;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait([](auto const& view) { return view.heard >= 5; }));
    server.change(person("new"));
    CHECK(copy.wait_for({"cn=u0", "cn=new"}));
    CHECK(copy.view().sessions == 1);
}

TEST_CASE("sync: a new session on request, from the cookie on") {
    Slapd const server({.ldif = people(2), .syncprov = true});
    Copy copy;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_refresh());
    client.restart();
    REQUIRE(copy.wait_for_refresh(2));
    auto const view = copy.view();
    CHECK(view.resumed == 1);
    CHECK(view.changes == 2);  // nothing told twice
    CHECK(view.ended(EndReason::restarted));
}

TEST_CASE("sync: the consumer wants a new session, then none") {
    Slapd const server({.ldif = people(2), .syncprov = true});
    Copy copy;
    copy.reply_by([](Copy::View const& view) {
        if (view.refreshes == 1 && view.ends.empty()) return sync::Reply::restart;
        return view.refreshes == 2 ? sync::Reply::stop : sync::Reply::go_on;
    });
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_end(EndReason::stopped));
    CHECK(copy.view().ended(EndReason::restarted));
    CHECK(copy.view().sessions == 2);
}

TEST_CASE("sync: the end is the last event") {
    Slapd const server({.ldif = people(2), .syncprov = true});
    Copy copy;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_refresh());
    client.stop();
    CHECK(copy.view().ends.back().reason == EndReason::stopped);
    client.stop();
    client.restart();
}

TEST_CASE("sync: settings that make no sense are a programming error") {
    Copy copy;
    CHECK_THROWS_AS(SyncClient(SyncSettings(), copy), std::invalid_argument);
    auto settings = sync_settings_for({dead_uri()});
    settings.page_size = 0;
    CHECK_THROWS_AS(SyncClient(settings, copy), std::invalid_argument);
}

namespace {

std::string unit(std::string const& name) {
    return "dn: ou=" + name + ",dc=example,dc=com\nobjectClass: organizationalUnit\nou: " + name +
           "\n\n";
}

std::string person_in(std::string const& name, std::string const& where) {
    return "dn: cn=" + name + ",ou=" + where +
           ",dc=example,dc=com\nobjectClass: inetOrgPerson\ncn: " + name +
           "\nsn: x\nmail: " + name + "@example.com\n\n";
}

std::string unit_renaming(std::string const& name, std::string const& to) {
    return "dn: ou=" + name + ",dc=example,dc=com\nchangetype: modrdn\nnewrdn: ou=" + to +
           "\ndeleteoldrdn: 1\n\n";
}

}  // namespace

TEST_CASE("sync: a container that gets another name is noticed, other changes are not one") {
    Slapd const server(
        {.ldif = people(1) + unit("x") + unit("empty") + person_in("anna", "x"), .syncprov = true}
    );
    Copy copy;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for({"cn=u0", "cn=anna,ou=x"}));
    auto const cookie = copy.view().cookie;
    server.change(unit_renaming("empty", "bare"));
    REQUIRE(copy.wait([&](auto const& view) { return view.cookie != cookie; }));
    CHECK(copy.view().doubts == 0);
    server.change(unit_renaming("x", "y"));
    REQUIRE(copy.wait([](auto const& view) { return view.doubts == 1; }));
    // The server says nothing of those below.
    CHECK(copy.view().names.contains("cn=anna,ou=x,dc=example,dc=com"));
}

TEST_CASE("sync: a container that got another name while nobody listened is noticed") {
    Slapd const server(
        {.ldif = unit("x") + person_in("anna", "x"), .syncprov = true, .session_log = 100}
    );
    Copy copy;
    {
        SyncClient client(sync_settings_for({server.uri()}), copy);
        REQUIRE(copy.wait_for({"cn=anna,ou=x"}));
        REQUIRE(copy.wait_for_refresh());  // its cookie comes behind the entries
    }
    server.change(unit_renaming("x", "y"));
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait([](auto const& view) { return view.doubts == 1; }));
    CHECK(copy.view().resumed == 1);
}

TEST_CASE("sync: places that are on another server are told, whichever way") {
    Slapd const server(
        {.ldif = people(2) + "dn: ou=there,dc=example,dc=com\nobjectClass: referral\n"
                             "objectClass: extensibleObject\nou: there\n"
                             "ref: ldap://127.0.0.1:1/ou=there,dc=example,dc=com\n\n",
         .syncprov = true}
    );
    auto settings = sync_settings_for({server.uri()});
    settings.choice = GENERATE(SyncChoice::syncrepl, SyncChoice::poll);
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for(names(2)));
    REQUIRE(copy.wait([](auto const& view) { return view.elsewhere.size() == 1; }));
    CHECK_THAT(*copy.view().elsewhere.begin(), Catch::StartsWith("ldap://127.0.0.1:1/ou=there"));
}
