#include "support/sync_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::test;
using sync::EndReason;

namespace {

// What changes while nobody listens: one entry more, one less, one renamed, one out of the filter.
void change_much(Slapd const& server) {
    server.change(
        person("new") + deletion("u0") + renaming("u1", "renamed") +
        modification("u2", "delete: mail")
    );
}

std::set<std::string> names_after(int count) {
    auto out = names(count);
    for (auto const* gone : {"cn=u0", "cn=u1", "cn=u2"}) out.erase(gone);
    out.insert({"cn=new", "cn=renamed"});
    return out;
}

// Lets a client fill `copy`, and ends it.
void fill(Copy& copy, Slapd const& server) {
    auto const before = copy.view().refreshes;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_refresh(before + 1));
}

}  // namespace

TEST_CASE("sync faults: a server stops or dies, and comes back with changes") {
    bool const orderly = GENERATE(true, false);
    int const session_log = GENERATE(0, 100);
    CAPTURE(orderly, session_log);
    Slapd server({.ldif = people(10), .syncprov = true, .session_log = session_log});
    Copy copy;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_refresh());
    if (orderly) {
        server.stop();
    } else {
        server.kill();
    }
    REQUIRE(copy.wait_for_end(EndReason::lost));
    REQUIRE(copy.wait_for_end(EndReason::not_connected));
    CHECK(copy.view().names == [] {
        std::set<std::string> all;
        for (auto const& name : names(10)) all.insert(name + ",dc=example,dc=com");
        return all;
    }());
    server.start();
    REQUIRE(copy.wait_for_refresh(2));
    CHECK(copy.view().resumed == 1);
    change_much(server);
    CHECK(copy.wait_for(names_after(10)));
}

TEST_CASE("sync faults: changes while the relay was away, with the session log and without") {
    bool const lost = GENERATE(false, true);
    CAPTURE(lost);
    Slapd server({.ldif = people(50), .syncprov = true, .session_log = 1000});
    Copy copy;
    fill(copy, server);
    change_much(server);
    if (lost) {  // it is kept in memory only
        server.stop();
        server.start();
    }
    auto const before = copy.view().changes;
    SyncClient client(sync_settings_for({server.uri()}), copy);
    CHECK(copy.wait_for(names_after(50)));
    REQUIRE(copy.wait_for_refresh(2));
    CHECK(copy.view().resumed == 1);
    // Only what changed was sent, and not all 50.
    CHECK(copy.view().changes - before < 10);
}

TEST_CASE("sync faults: more deletions than the session log holds") {
    Slapd const server({.ldif = people(2000), .syncprov = true, .session_log = 10});
    Copy copy;
    fill(copy, server);
    std::string changes;
    for (int i = 0; i < 1000; ++i) changes += deletion("u" + std::to_string(i));
    server.change(changes);
    SyncClient client(sync_settings_for({server.uri()}), copy);
    auto expected = names(2000);
    for (auto const& name : names(1000)) expected.erase(name);
    CHECK(copy.wait_for(expected));
    server.change(person("last"));
    expected.insert("cn=last");
    CHECK(copy.wait_for(expected));
    CHECK(copy.view().resumed == 1);
}

TEST_CASE("sync faults: a server that hangs is left for the other, though its kernel answers") {
    Slapd first({.ldif = people(1), .syncprov = true});
    Slapd const second({.ldif = people(2), .syncprov = true});
    auto settings = sync_settings_for({first.uri(), second.uri()});
    settings.heartbeat = 100ms;
    settings.answer_timeout = 1s;
    settings.connect.timeout = 1s;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for(names(1)));
    REQUIRE(copy.wait([](auto const& view) { return view.heard > 0; }));
    first.freeze();
    REQUIRE(copy.wait_for_end(EndReason::silent));
    CHECK_THAT(copy.view().ends.front().text, Catch::Contains("stopped answering"));
    CHECK(copy.wait([&](auto const& view) { return view.server == second.uri(); }));
    first.thaw();
}

TEST_CASE("sync faults: the first server is followed again when it is back, and not to and fro") {
    Slapd first({.ldif = people(1), .syncprov = true});
    Slapd const second({.ldif = people(2), .syncprov = true});
    auto settings = sync_settings_for({first.uri(), second.uri()});
    settings.return_after = 50ms;
    settings.return_max = 1h;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for(names(1)));
    first.stop();
    REQUIRE(copy.wait([&](auto const& view) { return view.server == second.uri(); }));
    auto const before = copy.view().refreshes;
    first.start();
    REQUIRE(copy.wait([&](auto const& view) {
        return view.server == first.uri() && view.refreshes > before;
    }));
    CHECK(copy.view().ended(EndReason::restarted));
}

TEST_CASE("sync faults: a server that hangs in the middle of a refresh") {
    Slapd server({.ldif = people(20'000), .syncprov = true});
    auto settings = sync_settings_for({server.uri()});
    settings.refresh_silence = 1s;
    settings.connect.timeout = 1s;
    Copy copy;
    bool frozen = false;
    copy.reply_by([&](Copy::View const& view) {
        if (view.changes > 0 && !frozen) {
            server.freeze();
            frozen = true;
        }
        return sync::Reply::go_on;
    });
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_end(EndReason::silent));
    CHECK(copy.view().refreshes == 0);
    server.thaw();
    CHECK(copy.wait_for(names(20'000)));
}

TEST_CASE("sync faults: killed in the middle of a refresh, nothing is forgotten") {
    Slapd server({.ldif = people(20'000), .syncprov = true});
    Copy copy;
    fill(copy, server);
    bool killed = false;
    copy.reply_by([&](Copy::View const& view) {
        if (view.changes > 20'100 && !killed) {
            server.kill();
            killed = true;
        }
        return sync::Reply::go_on;
    });
    server.change(deletion("u0"));
    copy.force_cookie("");  // everything anew
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_end(EndReason::not_connected));
    CHECK(copy.view().names.size() == 20'000);
    CHECK(copy.view().refreshes == 1);
    server.start();
    auto expected = names(20'000);
    expected.erase("cn=u0");
    CHECK(copy.wait_for(expected));
}

TEST_CASE("sync faults: restored from an older backup") {
    Slapd server({.ldif = people(10), .syncprov = true});
    server.change(person("before"));
    server.stop();
    server.back_up();
    server.start();
    Copy copy;
    fill(copy, server);
    server.change(person("later") + deletion("u0"));
    fill(copy, server);
    server.stop();
    server.restore();
    server.start();
    SyncClient client(sync_settings_for({server.uri()}), copy);
    REQUIRE(copy.wait_for_end(EndReason::cookie_newer));
    auto expected = names(10);
    expected.insert("cn=before");
    CHECK(copy.wait_for(expected));
    server.change(person("after"));
    expected.insert("cn=after");
    CHECK(copy.wait_for(expected));
}

TEST_CASE("sync faults: cookies that a server never gave") {
    struct Row {
        std::string cookie;
        std::optional<EndReason> end;  // nothing: the server takes it, or never sees it
    };
    auto const row = GENERATE(
        Row{"garbage", std::nullopt},
        Row{"rid=000,csn=garbage", std::nullopt},
        Row{"rid=000,csn=29991231235959.000000Z#000000#000#000000", EndReason::cookie_newer},
        Row{"rid=000,csn=20000101000000.000000Z#000000#000#000000", std::nullopt}
    );
    CAPTURE(row.cookie);
    Slapd const server({.ldif = people(10), .syncprov = true});
    Copy copy;
    fill(copy, server);
    server.change(deletion("u0"));
    copy.force_cookie(row.cookie);
    SyncClient client(sync_settings_for({server.uri()}), copy);
    auto expected = names(10);
    expected.erase("cn=u0");
    CHECK(copy.wait_for(expected));
    REQUIRE(copy.wait_for_refresh(2));
    // The stop that ended fill(), and at most one more.
    CHECK(copy.view().ends.size() == (row.end ? 2 : 1));
    if (row.end) CHECK(copy.view().ended(*row.end));
}

TEST_CASE("sync faults: one server of the list works") {
    Slapd const plain({.ldif = people(1)});
    Slapd const good({.ldif = people(2), .syncprov = true});
    SilentPeer const silent;
    auto settings = sync_settings_for({dead_uri(), silent.uri("ldap"), plain.uri(), good.uri()});
    settings.choice = SyncChoice::syncrepl;
    settings.connect.timeout = 1s;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for(names(2)));
    CHECK(copy.view().server == good.uri());
    REQUIRE(copy.view().ends.size() == 3);
    CHECK(copy.view().ends[0].reason == EndReason::not_connected);
    CHECK(copy.view().ends[1].reason == EndReason::not_connected);
    CHECK(copy.view().ends[2].reason == EndReason::unsupported);
    CHECK_THAT(copy.view().ends[2].text, Catch::Contains("load the overlay syncprov"));
}

TEST_CASE("sync faults: a stop while connecting, and in a pause") {
    SilentPeer const peer;
    auto const scheme = GENERATE(as<std::string>(), "ldap", "ldaps", "dead");
    CAPTURE(scheme);
    auto settings = sync_settings_for({scheme == "dead" ? dead_uri() : peer.uri(scheme)});
    settings.connect.timeout = 1h;
    settings.retry_min = settings.retry_max = 1h;
    Copy copy;
    SyncClient client(settings, copy);
    client.stop();
    CHECK(copy.view().ends.back().reason == EndReason::stopped);
}

TEST_CASE("sync faults: a request for a session ends a pause") {
    Slapd server({.ldif = people(1), .syncprov = true});
    server.kill();
    auto settings = sync_settings_for({server.uri()});
    settings.retry_min = settings.retry_max = 1h;
    Copy copy;
    SyncClient client(settings, copy);
    REQUIRE(copy.wait_for_end(EndReason::not_connected));
    server.start();
    client.restart();
    CHECK(copy.wait_for(names(1)));
}
