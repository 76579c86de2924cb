#include "support/sync_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::test;
using sync::EndReason;

namespace {

SyncSettings polling(std::string const& uri) {
    auto settings = sync_settings_for({uri});
    settings.choice = SyncChoice::poll;
    settings.heartbeat = 20ms;
    settings.poll_interval = 1h;
    settings.page_size = 7;
    return settings;
}

}  // namespace

TEST_CASE("poll: page by page, with the ids that a synchronisation has too") {
    Slapd const server({.ldif = people(50), .syncprov = true});
    Copy polled;
    Copy followed;
    SyncClient const one(polling(server.uri()), polled);
    SyncClient const two(sync_settings_for({server.uri()}), followed);
    REQUIRE(polled.wait_for(names(50)));
    REQUIRE(followed.wait_for(names(50)));
    CHECK(polled.view().method == SyncMethod::poll);
    CHECK(polled.id("cn=u7") == followed.id("cn=u7"));
    // What was asked for beside the caller's attributes stays here.
    CHECK(polled.entry("cn=u7")->attributes().size() == 2);
}

TEST_CASE("poll: a server without content synchronisation is read, and again when it changes") {
    // Long ago: a change in the same second as the one before would wait for the next refresh.
    std::string ldif;
    for (int i = 0; i < 20; ++i) {
        auto const entry = person("u" + std::to_string(i));
        ldif += entry.substr(0, entry.size() - 1) + "modifyTimestamp: 20200101000000Z\n\n";
    }
    Slapd const server({.ldif = ldif});
    auto settings = polling(server.uri());
    settings.choice = SyncChoice::automatic;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for(names(20)));
    CHECK(copy.view().method == SyncMethod::poll);
    server.change(person("new"));
    auto expected = names(20);
    expected.insert("cn=new");
    CHECK(copy.wait_for(expected));
    // Deletions leave no trace; the next refresh finds them.
    server.change(deletion("u0"));
    expected.erase("cn=u0");
    client.restart();
    CHECK(copy.wait_for(expected));
    // Its times show that nobody has come, though not whether somebody has gone.
    auto const before = copy.view().heard;
    CHECK(copy.wait([&](auto const& view) { return view.heard > before; }));
}

TEST_CASE("poll: every interval") {
    Slapd const server({.ldif = people(20)});
    auto settings = polling(server.uri());
    settings.poll_interval = 20ms;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_refresh(3));
    server.change(deletion("u0"));
    auto expected = names(20);
    expected.erase("cn=u0");
    CHECK(copy.wait_for(expected));
    CHECK(copy.view().sessions == 1);
}

TEST_CASE("poll: the state of an OpenLDAP database tells of every change") {
    Slapd const server({.ldif = people(20), .syncprov = true});
    auto settings = polling(server.uri());
    settings.poll_interval = GENERATE(1h, 0h) + 10ms;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait([](auto const& view) { return view.heard >= 3; }));
    CHECK(copy.view().refreshes == 1);  // nothing changed
    server.change(deletion("u0") + renaming("u1", "anna"));
    auto expected = names(20);
    expected.erase("cn=u0");
    expected.erase("cn=u1");
    expected.insert("cn=anna");
    CHECK(copy.wait_for(expected));
}

TEST_CASE("poll: what changes between two pages makes a doubt of it") {
    Slapd const server({.ldif = people(50), .syncprov = true});
    Copy copy;
    bool changed = false;
    copy.reply_by([&](Copy::View const& view) {
        if (view.changes > 10 && !changed) {
            server.change(person("late"));
            changed = true;
        }
        return sync::Reply::go_on;
    });
    SyncClient const client(polling(server.uri()), copy);
    REQUIRE(copy.wait_for_refresh());
    CHECK(copy.wait([](auto const& view) { return view.doubts == 1; }));
}

TEST_CASE("poll: a database without the overlay on a server that has it for another") {
    // The control is listed for the whole server; the answer is 12.
    Slapd const server({.ldif = people(20), .module_only = true});
    auto settings = sync_settings_for({server.uri()});
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for(names(20)));
    CHECK(copy.view().method == SyncMethod::poll);
    CHECK(copy.view().ended(EndReason::unsupported));
    CHECK_THAT(
        copy.view().why(), Catch::Contains("load the overlay syncprov for 'dc=example,dc=com'")
    );
}

TEST_CASE("poll: a server that dies in the middle of a refresh, and comes back with less") {
    Slapd server({.ldif = people(5000)});
    auto settings = polling(server.uri());
    settings.page_size = 500;
    Copy copy;
    bool killed = false;
    copy.reply_by([&](Copy::View const& view) {
        if (view.changes > 6000 && !killed) {
            server.kill();
            killed = true;
        }
        return sync::Reply::go_on;
    });
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_refresh());
    server.change(deletion("u0"));
    client.restart();
    REQUIRE(copy.wait_for_end(EndReason::not_connected));
    CHECK(copy.view().names.size() == 5000);
    server.start();
    auto expected = names(5000);
    expected.erase("cn=u0");
    CHECK(copy.wait_for(expected));
}

TEST_CASE("poll: a server that hangs is noticed between refreshes") {
    Slapd server({.ldif = people(5)});
    auto settings = polling(server.uri());
    settings.answer_timeout = settings.connect.timeout = 1s;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_refresh());
    server.freeze();
    REQUIRE(copy.wait_for_end(EndReason::silent));
    server.thaw();
    CHECK(copy.wait_for_refresh(2));
}
