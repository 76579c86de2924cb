#include "support/pool_fixture.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace splitmx::test;

TEST_CASE("pool: finds an entry, and none") {
    Slapd const server({.ldif = people(3)});
    Pool pool(settings_for({server.uri()}));

    auto const found = pool.search_now(by_cn("u1"));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->front().dn().text() == "cn=u1,dc=example,dc=com");
    CHECK(found->front().first("mail") == "u1@example.com");

    auto const none = pool.search_now(by_cn("nobody"));
    REQUIRE(none.has_value());
    CHECK(none->empty());

    auto some = request_for(Filter::present("mail"));
    some.attributes = {"sn"};
    auto const few = pool.search_now(some);
    REQUIRE(few.has_value());
    CHECK(few->size() == 3);
    CHECK(few->front().has("sn"));
    CHECK_FALSE(few->front().has("mail"));

    auto top = request_for(Filter());
    top.scope = Scope::base;
    CHECK(pool.search_now(top).value().size() == 1);
    top.scope = Scope::one_level;
    CHECK(pool.search_now(top).value().size() == 3);
}

TEST_CASE("pool: over a local socket") {
    Slapd const server({.ldif = people(1)});
    Pool pool(settings_for({server.local_uri()}));
    CHECK(pool.search_now(by_cn("u0")).value().size() == 1);
}

TEST_CASE("pool: without a name the server shows nothing") {
    Slapd const server({.ldif = people(1)});
    auto settings = settings_for({server.uri()});
    settings.bind_dn.clear();
    settings.password.clear();
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::no_such_base);
}

TEST_CASE("pool: values are escaped all the way") {
    Slapd const server(
        {.ldif = "dn: cn=a*(b)\\5Cc,dc=example,dc=com\n"
                 "objectClass: device\ncn: a*(b)\\c\n\n" +
                 people(2)}
    );
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(by_cn("a*(b)\\c")).value().size() == 1);
    CHECK(pool.search_now(by_cn("*")).value().empty());
    CHECK(pool.search_now(by_cn("u*")).value().empty());
    CHECK(pool.search_now(by_cn("u0)(objectClass=*")).value().empty());
    CHECK(pool.search_now(by_cn(std::string_view("u0\0", 3))).value().empty());
}

TEST_CASE("pool: a thousand searches at once") {
    Slapd const server({.ldif = people(100)});
    Pool pool(settings_for({server.uri()}));
    std::vector<std::promise<SearchResult>> results(1000);
    for (std::size_t i = 0; i < results.size(); ++i) {
        pool.search(by_cn("u" + std::to_string(i % 100)), [&results, i](SearchResult result) {
            results[i].set_value(std::move(result));
        });
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const result = results[i].get_future().get();
        REQUIRE(result.has_value());
        REQUIRE(result->size() == 1);
        CHECK(result->front().first("cn") == "u" + std::to_string(i % 100));
    }
    CHECK(pool.state().searches == 0);
}

TEST_CASE("pool: requests that do not fit into the socket") {
    Slapd server({});
    auto settings = settings_for({server.uri()});
    Events events;
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    server.freeze();
    std::vector<std::promise<SearchResult>> results(200);
    auto const large = by_cn(std::string(250'000, 'x'));
    for (auto& result : results) {
        pool.search(large, [&result](SearchResult r) { result.set_value(std::move(r)); });
    }
    // All but the last have been tried then: 64 of them on each connection, 16 MB.
    while (pool.state().searches < results.size()) std::this_thread::yield();
    server.thaw();
    for (auto& result : results) CHECK(result.get_future().get().has_value());
    CHECK(pool.state().last_error.empty());
}

TEST_CASE("pool: an answer of thousands of entries") {
    Slapd const server({.ldif = people(3000)});
    Pool pool(settings_for({server.uri()}));
    CHECK(pool.search_now(request_for(Filter::present("mail"))).value().size() == 3000);
}

TEST_CASE("pool: more entries than asked for") {
    Slapd const server({.ldif = people(5)});
    Pool pool(settings_for({server.uri()}));
    auto request = request_for(Filter::present("mail"));
    request.size_limit = 4;
    CHECK(pool.search_now(request).error().code == Errc::size_limit);
    request.size_limit = 5;
    CHECK(pool.search_now(request).value().size() == 5);
}

TEST_CASE("pool: a base that is not there") {
    Slapd const server({});
    Pool pool(settings_for({server.uri()}));
    auto request = request_for(Filter());
    request.base = Dn::parse("ou=missing,dc=example,dc=com").value();
    auto const result = pool.search_now(request);
    CHECK(result.error().code == Errc::no_such_base);
    CHECK_FALSE(result.error().what.empty());
}

TEST_CASE("pool: referrals and references are told, neither is followed") {
    Slapd const server(
        {.ldif = people(2) + "dn: ou=there,dc=example,dc=com\nobjectClass: referral\n"
                             "objectClass: extensibleObject\nou: there\n"
                             "ref: ldap://127.0.0.1:1/ou=there,dc=example,dc=com\n\n"}
    );
    Pool pool(settings_for({server.uri()}));
    auto const found = pool.search_now(request_for(Filter::present("mail"))).value();
    CHECK(found.size() == 2);
    REQUIRE(found.references.size() == 1);
    CHECK_THAT(found.references[0], Catch::StartsWith("ldap://127.0.0.1:1/ou=there,dc=example"));
    auto request = request_for(Filter());
    request.base = Dn::parse("ou=there,dc=example,dc=com").value();
    CHECK(pool.search_now(request).error().code == Errc::referral);
}

TEST_CASE("pool: settings that make no sense are a programming error") {
    CHECK_THROWS_AS(Pool(PoolSettings()), std::invalid_argument);
    auto settings = settings_for({dead_uri()});
    settings.connections = 0;
    CHECK_THROWS_AS(Pool(settings), std::invalid_argument);
}
