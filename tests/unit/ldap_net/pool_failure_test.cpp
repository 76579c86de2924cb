#include "support/pool_fixture.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <string>
#include <vector>

using namespace splitmx::test;

TEST_CASE("pool: refused credentials") {
    Slapd const server({});
    auto settings = settings_for({server.uri()});
    settings.password = GENERATE(as<std::string>(), "wrong", "");
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("x")).error().code == Errc::refused_credentials);
    CHECK(pool.state().connections.empty());
    CHECK(pool.state().last_error.find(server.uri()) == 0);
}

TEST_CASE("pool: a server that dies and comes back") {
    Slapd server({.ldif = people(1)});
    Events events;
    auto settings = settings_for({server.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(pool.search_now(by_cn("u0")).has_value());
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    CHECK(pool.state().connections.size() == 2);

    server.kill();
    REQUIRE(events.wait(PoolEvent::Kind::lost, server.uri(), 2));
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::unreachable);
    CHECK(pool.state().connections.empty());
    CHECK_FALSE(pool.state().last_error.empty());

    server.start();
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 4));
    CHECK(pool.search_now(by_cn("u0")).value().size() == 1);
}

TEST_CASE("pool: a search makes a connection at once, whatever the pause") {
    Slapd server({.ldif = people(1)});
    Events events;
    auto settings = settings_for({server.uri()});
    settings.retry_min = 1ms;
    settings.retry_max = 1h;
    settings.on_event = events.sink();
    server.kill();
    Pool pool(settings);
    // Pauses double from a millisecond; from the 16th on they would outlast the test.
    REQUIRE(events.wait(PoolEvent::Kind::failed, server.uri(), 8));
    server.start();
    CHECK(pool.search_now(by_cn("u0")).has_value());
}

TEST_CASE("pool: a server that hangs") {
    Slapd server({.ldif = people(1)});
    auto settings = settings_for({server.uri()});
    settings.search_timeout = 300ms;
    settings.lookup_timeout = 500ms;
    settings.connect_timeout = 300ms;
    Events events;
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    server.freeze();
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::timeout);
    REQUIRE(events.wait(PoolEvent::Kind::lost, server.uri(), 2));
    server.thaw();
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 3));
    CHECK(pool.search_now(by_cn("u0")).has_value());
}

TEST_CASE("pool: searches under way go to the other server when theirs dies") {
    Slapd first({.ldif = people(1)});
    Slapd const second({.ldif = people(1)});
    Events events;
    auto settings = settings_for({first.uri(), second.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, first.uri(), 2));
    first.freeze();
    std::vector<std::promise<SearchResult>> results(200);
    for (auto& result : results) {
        pool.search(by_cn("u0"), [&result](SearchResult r) { result.set_value(std::move(r)); });
    }
    first.kill();
    for (auto& result : results) CHECK(result.get_future().get().has_value());
    CHECK(events.wait(PoolEvent::Kind::connected, second.uri()));
}

TEST_CASE("pool: a search whose server hangs is answered by the other") {
    Slapd first({.ldif = people(1)});
    Slapd const second({.ldif = people(1)});
    Events events;
    auto settings = settings_for({first.uri(), second.uri()});
    settings.search_timeout = 300ms;
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, first.uri(), 2));
    first.freeze();
    // The server that hung is tried last, though its kernel still takes connections.
    CHECK(pool.search_now(by_cn("u0")).has_value());
}

TEST_CASE("pool: a server that is unwilling is passed over while another one serves") {
    Slapd const unwilling({.ldif = people(1), .config = "restrict search\n"});
    Slapd const second({.ldif = people(1)});
    Events events;
    auto settings = settings_for({unwilling.uri(), second.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, unwilling.uri()));
    for (int i = 0; i < 3; ++i) CHECK(pool.search_now(by_cn("u0")).has_value());
    CHECK(events.wait(PoolEvent::Kind::lost, unwilling.uri()));
    CHECK(pool.state().last_error.find("53") != std::string::npos);
}

TEST_CASE("pool: a server that is unwilling keeps its word where there is no other") {
    Slapd const unwilling({.ldif = people(1), .config = "restrict search\n"});
    auto settings = settings_for({unwilling.uri(), dead_uri()});
    Pool pool(settings);
    for (int i = 0; i < 3; ++i) {
        CHECK(pool.search_now(by_cn("u0")).error().code == Errc::unwilling);
    }
}

TEST_CASE("pool: the second server while the first is dead, and back") {
    Slapd first({.ldif = people(1)});
    Slapd const second({.ldif = people(1)});
    first.kill();
    Events events;
    auto settings = settings_for({first.uri(), second.uri()});
    settings.return_interval = 20ms;
    settings.on_event = events.sink();
    Pool pool(settings);
    CHECK(pool.search_now(by_cn("u0")).has_value());
    REQUIRE(events.wait(PoolEvent::Kind::connected, second.uri(), 2));
    for (auto const& connection : pool.state().connections) CHECK(connection.uri == second.uri());
    first.start();
    REQUIRE(events.wait(PoolEvent::Kind::connected, first.uri(), 2));
    CHECK(pool.search_now(by_cn("u0")).has_value());
    for (auto const& connection : pool.state().connections) CHECK(connection.uri == first.uri());
}

TEST_CASE("pool: nobody there") {
    Pool pool(settings_for({dead_uri(), dead_uri()}));
    auto const result = pool.search_now(by_cn("x"));
    CHECK(result.error().code == Errc::unreachable);
    CHECK(result.error().what.find("; ") != std::string::npos);  // both are named
}

TEST_CASE("pool: addresses that are none") {
    struct Row {
        std::string uri;
        Errc code;
    };
    auto const row = GENERATE(
        Row{"http://127.0.0.1", Errc::syntax},
        Row{"nonsense", Errc::syntax},
        Row{"ldap://name.invalid", Errc::unreachable},
        Row{"ldapi://%2Fmissing%2Fsocket", Errc::unreachable},
        Row{"ldapi://%2F" + std::string(200, 'x'), Errc::syntax}
    );
    CAPTURE(row.uri);
    Pool pool(settings_for({row.uri}));
    CHECK(pool.search_now(by_cn("x")).error().code == row.code);
}

TEST_CASE("pool: stop ends what is under way") {
    Slapd server({.ldif = people(1)});
    Events events;
    auto settings = settings_for({server.uri()});
    settings.on_event = events.sink();
    Pool pool(settings);
    REQUIRE(events.wait(PoolEvent::Kind::connected, server.uri(), 2));
    server.freeze();
    std::vector<std::promise<SearchResult>> results(200);  // more than connections take
    for (auto& result : results) {
        pool.search(by_cn("u0"), [&result](SearchResult r) { result.set_value(std::move(r)); });
    }
    pool.stop();
    for (auto& result : results) CHECK(result.get_future().get().error().code == Errc::stopped);
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::stopped);
    pool.stop();
}

TEST_CASE("pool: stop while connecting") {
    SilentPeer const peer;
    Pool pool(settings_for({peer.uri("ldap")}));
    std::promise<SearchResult> result;
    pool.search(by_cn("u0"), [&](SearchResult r) { result.set_value(std::move(r)); });
    pool.stop();
    CHECK(result.get_future().get().error().code == Errc::stopped);
}

TEST_CASE("pool: more searches than it keeps") {
    SilentPeer const peer;
    Pool pool(settings_for({peer.uri("ldap")}));
    for (std::size_t i = 0; i < Pool::max_waiting; ++i) {
        pool.search(SearchRequest(), [](SearchResult const&) {});
    }
    CHECK(pool.search_now(by_cn("u0")).error().code == Errc::busy);
    CHECK(pool.state().searches == Pool::max_waiting);
}
