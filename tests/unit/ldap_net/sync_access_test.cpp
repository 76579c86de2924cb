#include "support/sync_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::test;
using sync::EndReason;

namespace {

std::string const relay_dn = "cn=relay,dc=example,dc=com";
std::string const relay_entry =
    "dn: " + relay_dn + "\nobjectClass: person\ncn: relay\nsn: x\nuserPassword: secret\n\n";
std::string const may_read =
    "access to attrs=userPassword by anonymous auth by * none\n"
    "access to * by dn.exact=" +
    relay_dn + " read by * none\n";
std::string const no_limits = "limits dn.exact=" + relay_dn + " size=unlimited time=unlimited\n";

SyncSettings as_relay(std::string const& uri) {
    auto settings = sync_settings_for({uri});
    settings.connect.bind_dn = relay_dn;
    return settings;
}

}  // namespace

TEST_CASE("sync access: an account with read access and without limits gets everything") {
    Slapd const server(
        {.ldif = relay_entry + people(600),
         .config = no_limits,
         .access = may_read,
         .syncprov = true}
    );
    Copy copy;
    SyncClient client(as_relay(server.uri()), copy);
    CHECK(copy.wait_for(names(600)));
    CHECK(copy.wait_for_refresh());
}

TEST_CASE("sync access: the size limit cuts a refresh, and that is no refresh") {
    auto const choice = GENERATE(SyncChoice::syncrepl, SyncChoice::poll);
    Slapd const server({.ldif = relay_entry + people(600), .access = may_read, .syncprov = true});
    auto settings = as_relay(server.uri());
    settings.choice = choice;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait([](auto const& view) { return view.ends.size() >= 2; }));
    auto const view = copy.view();
    CHECK(view.ended(EndReason::size_limit));
    CHECK(view.refreshes == 0);
    CHECK_FALSE(view.cookie.has_value());
    CHECK_THAT(
        view.why(), Catch::Contains("the server answers 4") && Catch::Contains("'" + relay_dn + "'")
    );
}

TEST_CASE("sync access: half of the tree is hidden") {
    Slapd const server(
        {.ldif =
             relay_entry +
             "dn: ou=a,dc=example,dc=com\nobjectClass: organizationalUnit\nou: a\n\n" +
             "dn: cn=hidden,ou=a,dc=example,dc=com\nobjectClass: inetOrgPerson\ncn: hidden\nsn: x\n"
             "mail: hidden@example.com\n\n" +
             people(2),
         .access = "access to dn.subtree=ou=a,dc=example,dc=com by * none\n" + may_read,
         .syncprov = true}
    );
    Copy copy;
    SyncClient client(as_relay(server.uri()), copy);
    REQUIRE(copy.wait_for_refresh());
    CHECK(copy.wait_for(names(2)));
}

TEST_CASE("sync access: what keeps an account out is told with its remedy") {
    struct Row {
        std::string name, access, password, base;
        EndReason reason;
        std::string words;
    };
    auto const row = GENERATE(
        Row{"password",
            may_read,
            "wrong",
            "dc=example,dc=com",
            EndReason::refused,
            "check bind_dn and password"},
        Row{"no base",
            may_read,
            "secret",
            "ou=missing,dc=example,dc=com",
            EndReason::refused,
            "'ou=missing,dc=example,dc=com' must exist"},
        Row{"no rights",
            "access to attrs=userPassword by anonymous auth\naccess to * by * none\n",
            "secret",
            "dc=example,dc=com",
            EndReason::refused,
            "must be allowed to see it"}
    );
    CAPTURE(row.name);
    auto const choice = GENERATE(SyncChoice::syncrepl, SyncChoice::poll);
    Slapd const server({.ldif = relay_entry, .access = row.access, .syncprov = true});
    auto settings = as_relay(server.uri());
    settings.connect.password = row.password;
    settings.base = Dn::parse(row.base).value();
    settings.choice = choice;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_end(row.reason));
    CHECK_THAT(copy.view().why(), Catch::Contains(row.words));
    CHECK(copy.view().refreshes == 0);
}

TEST_CASE("sync access: TLS, by StartTLS and from the start") {
    Slapd const server(
        {.ldif = people(3), .config = "security ssf=128\n", .tls = true, .syncprov = true}
    );
    auto const starttls = GENERATE(true, false);
    auto settings = sync_settings_for({starttls ? server.uri() : server.tls_uri()});
    settings.connect.starttls = starttls;
    settings.connect.tls_ca = server.certificate();
    settings.heartbeat = 20ms;
    Copy copy;
    SyncClient client(settings, copy);
    CHECK(copy.wait_for(names(3)));
    CHECK(copy.wait([](auto const& view) { return view.heard > 0; }));
}

TEST_CASE("sync access: a TLS connection whose server hangs") {
    Slapd server({.ldif = people(3), .tls = true, .syncprov = true});
    auto settings = sync_settings_for({server.tls_uri()});
    settings.connect.tls_ca = server.certificate();
    settings.heartbeat = 20ms;
    settings.answer_timeout = settings.connect.timeout = 1s;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait([](auto const& view) { return view.heard > 0; }));
    server.freeze();
    REQUIRE(copy.wait_for_end(EndReason::silent));
    // A handshake with it ends in time too.
    REQUIRE(copy.wait_for_end(EndReason::not_connected));
    server.thaw();
    CHECK(copy.wait_for_refresh(2));
}

TEST_CASE("sync access: without TLS to a server that wants it, and with the wrong CA") {
    Slapd const server({.config = "security ssf=128\n", .tls = true, .syncprov = true});
    auto settings = sync_settings_for({server.uri()});
    bool const wrong = GENERATE(false, true);
    settings.connect.starttls = wrong;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_end(EndReason::refused));
    CHECK_THAT(
        copy.view().why(), Catch::Contains(wrong ? "check tls_ca" : "use ldaps:// or starttls")
    );
}
