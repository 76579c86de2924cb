#include <algorithm>

#include "stage.hpp"

namespace splitmx::directory::copy {

TEST_CASE("a copy says nothing before it is complete") {
    CopyStage stage;
    auto const server = people(3);
    CHECK(stage.copy->standing().stage == Stage::empty);
    auto events = server.refresh(std::nullopt, false);
    auto end = events.back();
    events.pop_back();
    stage.take(events);
    CHECK(stage.copy->standing().stage == Stage::loading);
    CHECK(stage.who("p1@a.example") == "not asked");
    CHECK(stage.who("nobody@a.example") == "not asked");
    stage.take(end);
    CHECK(stage.copy->standing().stage == Stage::live);
    CHECK(stage.who("p1@a.example") == dn("p1"));
    CHECK(stage.who("nobody@a.example") == "none");
    CHECK(stage.changed.empty());
    CHECK(stage.settled == 1);
    CHECK(stage.told("read in 0 ms from ldap://test: 3 entries changed, 0 removed; 3 mailboxes"));
}

TEST_CASE("a part of a first load is no content, and the next load is whole") {
    CopyStage stage;
    auto server = people(10);
    auto events = server.refresh(std::nullopt, false);
    events.resize(6);
    stage.take(events);
    stage.take(sync::SessionEnds{sync::EndReason::size_limit, "ldap://test", "size limit"});
    CHECK(stage.copy->standing().stage == Stage::empty);
    CHECK(stage.who("p1@a.example") == "not asked");
    CHECK_FALSE(stage.cookie());
    server.remove(1);
    stage.refresh(server);
    CHECK(stage.who("p1@a.example") == "none");
    CHECK(stage.copy->health().counts.mailboxes == 9);
}

TEST_CASE("ages: found for long, nobody only while fresh") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    stage.pass(60s);
    CHECK(stage.copy->standing().stage == Stage::live);
    CHECK(stage.who("nobody@a.example") == "none");
    stage.pass(1ms);
    CHECK(stage.copy->standing().stage == Stage::stale);
    CHECK(stage.copy->standing().age == 60'001ms);
    CHECK(stage.who("nobody@a.example") == "not asked");
    CHECK(stage.who("p1@a.example") == dn("p1"));
    stage.pass(24h * 7);
    CHECK(stage.who("p1@a.example") == "not asked");
    // Heard of again.
    stage.refresh(server);
    CHECK(stage.copy->standing().stage == Stage::live);
    CHECK(stage.who("nobody@a.example") == "none");
    stage.pass(50s);
    stage.take(sync::Heard{});
    stage.pass(50s);
    CHECK(stage.copy->standing().stage == Stage::live);
}

TEST_CASE("who does not listen cannot say nobody, however fresh the copy is") {
    CopyStage stage;
    auto server = people(3);
    stage.refresh(server);
    stage.take(lost());
    CHECK(stage.copy->standing().stage == Stage::stale);
    CHECK(stage.who("nobody@a.example") == "not asked");
    CHECK(stage.who("p1@a.example") == dn("p1"));
    server.put(7, {"p7", {"p7@a.example"}});
    auto events = server.refresh(stage.cookie(), false);
    auto const end = events.back();
    events.pop_back();
    stage.take(events);
    CHECK(stage.who("nobody@a.example") == "not asked");
    stage.take(end);
    CHECK(stage.who("nobody@a.example") == "none");
    CHECK(stage.who("p7@a.example") == dn("p7"));
}

TEST_CASE("words inside a refresh make an old copy no fresher") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    stage.pass(10min);
    auto events = server.refresh(stage.cookie(), true);
    events.pop_back();
    stage.take(events);
    CHECK(stage.copy->standing().stage == Stage::stale);
    CHECK(stage.who("nobody@a.example") == "not asked");
}

TEST_CASE("a server that cannot be followed is asked") {
    CopyStage stage;
    stage.take(sync::SessionEnds{sync::EndReason::unsupported, "ldap://test", "neither way"});
    CHECK(stage.copy->standing().stage == Stage::direct);
    CHECK(stage.who("nobody@a.example") == "not asked");
}

TEST_CASE("what a copy knows is kept when its server cannot be followed any more") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    sync::Event const less =
        sync::SessionEnds{sync::EndReason::unsupported, "ldap://test", "neither way"};
    stage.take(less);
    // Whom it shows is asked of itself, as long as it answers.
    CHECK(stage.copy->standing().stage == Stage::direct);
    CHECK(stage.who("p1@a.example") == "not asked");
    CHECK(owners(stage.copy->last_found(mailbox("p1@a.example"))) == dn("p1"));
    CHECK(owners(stage.copy->last_found(mailbox("nobody@a.example"))) == "not asked");
    // And it goes away.
    stage.take(sync::SessionEnds{sync::EndReason::not_connected, "ldap://test", "refused"});
    CHECK(stage.copy->standing().stage == Stage::stale);
    CHECK(stage.who("p1@a.example") == dn("p1"));
    CHECK(stage.who("nobody@a.example") == "not asked");
    stage.pass(24h * 7 + 1s);
    CHECK(owners(stage.copy->last_found(mailbox("p1@a.example"))) == "not asked");
}

TEST_CASE("a directory that shows nobody cannot say nobody") {
    CopyStage stage;
    stage.refresh(Server());
    CHECK(stage.who("nobody@a.example") == "not asked");
    CHECK(stage.copy->health().problems.size() == 1);
    stage.refresh(Server());
    CHECK(std::count_if(stage.notes.begin(), stage.notes.end(), [](std::string const& note) {
              return note.starts_with("! the directory shows no recipients: look at base");
          }) == 1);
    // Nor can the server itself.
    CHECK_FALSE(stage.copy->doubt_about_server().empty());
    stage.refresh(people(1));
    CHECK(stage.copy->doubt_about_server().empty());
    CHECK(stage.who("nobody@a.example") == "none");
}

TEST_CASE("changes act, and tell whose they are") {
    CopyStage stage;
    auto server = people(3);
    stage.refresh(server);
    server.put(1, {"p1", {"new@a.example"}});
    stage.take(server.last_change());
    CHECK(stage.who("p1@a.example") == "none");
    CHECK(stage.who("new@a.example") == dn("p1"));
    std::sort(stage.changed.begin(), stage.changed.end());
    CHECK(stage.changed == std::vector<std::string>{"new@a.example", "p1@a.example"});
    CHECK(stage.cookie() == server.now());
    // It leaves the filter.
    server.remove(1);
    stage.take(server.last_change());
    CHECK(stage.who("new@a.example") == "none");
    // An address of two is told with the entry that made it so.
    server.put(7, {"p7", {"P2@a.example"}});
    stage.take(server.last_change());
    CHECK(stage.shared == std::vector<std::string>{"P2@a.example"});
    CHECK(stage.who("p2@a.example") == dn("p2") + " | " + dn("p7"));
    server.remove(7);
    stage.take(server.last_change());
    CHECK(stage.who("p2@a.example") == dn("p2"));
}

TEST_CASE("a present phase removes what it did not mention, a deletes phase does not") {
    CopyStage stage;
    auto server = people(10);
    stage.refresh(server);
    server.remove(3);
    auto events = server.refresh(stage.cookie(), true);
    SECTION("present") {
        stage.take(events);
        CHECK(stage.who("p3@a.example") == "none");
        CHECK(stage.who("p4@a.example") == dn("p4"));
        CHECK(stage.changed == std::vector<std::string>{"p3@a.example"});
    }
    SECTION("deletes") {
        events.back() = sync::RefreshEnds{sync::RefreshEnds::Phase::deletes, server.now()};
        stage.take(events);
        CHECK(stage.who("p3@a.example") == dn("p3"));
    }
    SECTION("broken off") {
        events.pop_back();
        auto const before = stage.cookie();
        stage.take(events);
        stage.take(lost());
        CHECK(stage.who("p3@a.example") == dn("p3"));
        CHECK(stage.cookie() == before);
    }
}

TEST_CASE("a server that calls unknown entries present is read anew") {
    CopyStage stage;
    auto server = people(3);
    stage.refresh(server);
    auto events = server.refresh(stage.cookie(), true);
    events.insert(events.end() - 1, sync::IdSet{sync::IdSet::Meaning::present, {entry_id(99)}, {}});
    CHECK(stage.take(events) == sync::Reply::restart);
    CHECK_FALSE(stage.cookie());
    CHECK(stage.who("p1@a.example") == dn("p1"));
    stage.refresh(server);
    CHECK(stage.cookie() == server.now());
}

TEST_CASE("a cookie that was refused is not offered again") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    auto events = server.refresh(std::nullopt, false);
    events.pop_back();
    stage.take(events);
    stage.take(lost());
    CHECK_FALSE(stage.cookie());
    CHECK(stage.who("p1@a.example") == dn("p1"));
}

TEST_CASE("389 is not sent a cookie that is older than what it remembers") {
    CopyStage stage;
    stage.refresh(people(3));
    ldap::ServerFacts facts;
    auto const is_sent = [&](ldap::Vendor vendor) {
        facts.vendor = vendor;
        return stage.copy->start_cookie("ldap://test", facts).has_value();
    };
    stage.pass(23h);
    CHECK(is_sent(ldap::Vendor::directory_389));
    stage.pass(2h);
    CHECK_FALSE(is_sent(ldap::Vendor::directory_389));
    CHECK(is_sent(ldap::Vendor::openldap));
}

TEST_CASE("what can be made better is told once") {
    CopyStage stage;
    for (int i = 0; i < 3; ++i) stage.take(sync::Remark{"grant more"});
    CHECK(stage.notes == std::vector<std::string>{"grant more"});
}

TEST_CASE("in doubt nobody is unknown, and everything is read anew, now and then") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    CHECK(stage.take(sync::Doubt{"a container was changed"}) == sync::Reply::restart);
    CHECK(stage.told("a container was changed: everything is read anew"));
    CHECK(stage.who("nobody@a.example") == "not asked");
    CHECK(stage.who("p1@a.example") == dn("p1"));
    CHECK_FALSE(stage.cookie());
    stage.refresh(server);
    CHECK(stage.who("nobody@a.example") == "none");
    // The next one has to wait for its turn.
    CHECK(stage.take(sync::Doubt{"again"}) == sync::Reply::go_on);
    CHECK(stage.who("nobody@a.example") == "not asked");
    stage.pass(5min);
    CHECK(stage.take(sync::Heard{}) == sync::Reply::restart);
}

TEST_CASE("with a part of the base on another server nobody is unknown") {
    std::string const there = "ldap://b/ou=b,dc=example,dc=com";
    CopyStage stage;
    auto const server = people(3);
    auto events = server.refresh(std::nullopt, false);
    events.insert(events.end() - 1, sync::Elsewhere{{there}});
    stage.take(events);
    CHECK(stage.told("! the server refers to " + there));
    CHECK(stage.who("p1@a.example") == dn("p1"));
    CHECK(stage.who("nobody@a.example") == "not asked");
    CHECK(stage.copy->health().problems.size() == 1);
    SECTION("a resumed session tells nothing of it") {
        stage.refresh(server);
        CHECK(stage.who("nobody@a.example") == "not asked");
    }
    SECTION("after a restart") {
        MemoryFiles files;
        CopyStage after;
        REQUIRE(std::holds_alternative<Snapshot::Written>(snapshot_in(files).write(*stage.copy)));
        REQUIRE(std::holds_alternative<Snapshot::Loaded>(snapshot_in(files).load(*after.copy)));
        after.refresh(server);
        CHECK(after.who("nobody@a.example") == "not asked");
    }
    SECTION("it is here now") {
        stage.copy->want_everything();
        stage.refresh(server);
        CHECK(stage.who("nobody@a.example") == "none");
        CHECK(stage.copy->health().problems.empty());
    }
}

TEST_CASE("a part of the base that another directory reads is no loss") {
    CopyStage stage({laser(), 60s, 24h * 7, 5min, {*ldap::Dn::parse("ou=b,dc=example,dc=com")}});
    auto events = people(3).refresh(std::nullopt, false);
    events.insert(events.end() - 1, sync::Elsewhere{{"ldap://b/ou=b,dc=example,dc=com"}});
    stage.take(events);
    CHECK(stage.who("nobody@a.example") == "none");
}

TEST_CASE("everything that is asked for has to begin after the question") {
    CopyStage stage;
    auto const server = people(3);
    auto events = server.refresh(std::nullopt, false);
    auto const end = events.back();
    events.pop_back();
    stage.take(events);
    stage.copy->want_everything();
    stage.take(end);
    CHECK(stage.copy->health().wants_everything);
    CHECK(stage.copy->health().refreshes == 1);
    CHECK_FALSE(stage.cookie());
    stage.refresh(server);
    CHECK_FALSE(stage.copy->health().wants_everything);
    CHECK(stage.copy->health().refreshes == 2);
    CHECK(stage.cookie());
    stage.copy->want_everything();
    stage.take(lost());
    CHECK(stage.copy->health().failures == 1);
    CHECK(stage.copy->health().wants_everything);
}

TEST_CASE("an outage is told once, and so is its end") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    stage.notes.clear();
    stage.take(lost());
    sync::Event const down =
        sync::SessionEnds{sync::EndReason::not_connected, "ldap://test", "refused"};
    for (int i = 0; i < 5; ++i) stage.take(down);
    CHECK(stage.notes.size() == 2);
    CHECK(stage.copy->health().problems == std::vector<std::string>{"ldap://test: refused"});
    stage.refresh(server);
    CHECK(stage.copy->health().problems.empty());
}

TEST_CASE("once a day everything is compared") {
    CopyStage stage;
    auto const server = people(3);
    stage.refresh(server);
    stage.pass(24h);
    CHECK(stage.take(sync::Heard{}) == sync::Reply::restart);
    CHECK_FALSE(stage.cookie());
    stage.refresh(server);
    CHECK(stage.take(sync::Heard{}) == sync::Reply::go_on);
    CHECK(stage.cookie());
}

}  // namespace splitmx::directory::copy
