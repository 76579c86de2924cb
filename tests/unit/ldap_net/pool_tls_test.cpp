#include "support/pool_fixture.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace splitmx::test;

TEST_CASE("pool: a peer that takes the connection and says nothing") {
    SilentPeer const peer;
    auto const scheme = GENERATE(as<std::string>(), "ldap", "ldaps");
    auto const starttls = GENERATE(false, true);
    CAPTURE(scheme, starttls);
    auto settings = settings_for({peer.uri(scheme)});
    settings.starttls = starttls;
    settings.connect_timeout = 300ms;
    {
        Pool pool(settings);
        CHECK(pool.search_now(by_cn("x")).error().code == Errc::timeout);
    }
    // The search ends; so does the connecting, with the pool, long before its own time is up.
    settings.connect_timeout = 1h;
    settings.lookup_timeout = 300ms;
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("x")).error().code == Errc::timeout);
}

TEST_CASE("pool: TLS with a certificate that is right") {
    Slapd const server({.ldif = people(1), .config = "security ssf=128", .tls = true});
    auto const starttls = GENERATE(true, false);
    auto settings = settings_for({starttls ? server.uri() : server.tls_uri()});
    settings.starttls = starttls;
    settings.tls_ca = server.certificate();
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).value().size() == 1);
}

TEST_CASE("pool: without TLS to a server that wants it") {
    Slapd const server({.config = "security ssf=128", .tls = true});
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::stronger_auth_required);
}

TEST_CASE("pool: TLS with a certificate that is not trusted") {
    Slapd const server({.ldif = people(1), .tls = true});
    TempDirectory const elsewhere;
    Certificate const other(elsewhere.path());
    struct Row {
        std::string name, uri;
        std::filesystem::path ca;
    };
    std::vector<Row> const rows = {
        {"other CA", server.uri(), other.certificate},
        {"other CA, ldaps", server.tls_uri(), other.certificate},
        {"other name", server.other_uri(), server.certificate()},
        {"the system's CAs", server.uri(), ""},
        {"no such file", server.uri(), "/missing/ca.pem"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.name);
        auto settings = settings_for({row.uri});
        settings.starttls = true;
        settings.tls_ca = row.ca;
        CHECK(Pool(settings).search_now(by_cn("u0")).error().code == Errc::tls);
        if (row.name == "no such file") continue;
        settings.tls_verify = false;
        CHECK(Pool(settings).search_now(by_cn("u0")).has_value());
    }
}

TEST_CASE("pool: StartTLS that the server does not know is no reason to go on without") {
    Slapd const server({.ldif = people(1)});
    auto settings = settings_for({server.uri()});
    settings.starttls = true;
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::tls);
}
