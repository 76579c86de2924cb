// Removals that a refresh would make and does not, until they are seen again.
#include <algorithm>

#include "stage.hpp"

namespace splitmx::directory::copy {

TEST_CASE("the guard holds a refresh that takes too much") {
    CopyStage stage;
    auto server = people(1100);
    server.put(5000, {"lonely", {"lonely@b.example"}});
    stage.refresh(server);
    stage.notes.clear();
    auto shrunk = server;
    SECTION("few may go") {
        for (std::uint64_t i = 0; i < 50; ++i) shrunk.remove(i);
        stage.refresh(shrunk, true);
        CHECK(stage.who("p1@a.example") == "none");
        CHECK_FALSE(stage.copy->health().held);
    }
    SECTION("not the last of a domain") {
        shrunk.remove(5000);
        stage.refresh(shrunk, true);
        CHECK(stage.who("lonely@b.example") == dn("lonely"));
        CHECK(
            stage.told("! a refresh would remove 1 of 1101 entries, and with it all recipients of "
                       "b.example: held")
        );
    }
    SECTION("an empty success") {
        stage.refresh(Server(), true);
        CHECK(stage.who("p1@a.example") == dn("p1"));
        CHECK(stage.told("! a refresh would remove 1101 of 1101 entries"));
        CHECK(stage.copy->health().held->loss.lost == 1101);
        CHECK(stage.copy->health().held->loss.examples.size() == 10);
        CHECK(stage.copy->health().problems.size() == 1);
    }
    SECTION("a right that hides the addresses") {
        for (std::uint64_t i = 0; i < 600; ++i) shrunk.put(i, {"p" + std::to_string(i), {}});
        stage.refresh(shrunk, true);
        CHECK(stage.who("p1@a.example") == dn("p1"));
        CHECK(stage.copy->health().held->loss.lost == 600);
        CHECK(stage.copy->accept() == AcceptResult::done);
        CHECK(stage.who("p1@a.example") == "none");
    }
}

TEST_CASE("what is held comes true when it is seen again, or accepted, or it never does") {
    CopyStage stage;
    auto server = people(1000);
    stage.refresh(server);
    auto half = server;
    for (std::uint64_t i = 0; i < 500; ++i) half.remove(i);
    half.put(600, {"p600", {"other@a.example"}});
    half.put(2000, {"fresh", {"fresh@a.example"}});
    stage.refresh(half, true);
    REQUIRE(stage.copy->health().held);
    CHECK(stage.who("p1@a.example") == dn("p1"));
    // Additions and changes apply.
    CHECK(stage.who("other@a.example") == dn("p600"));
    CHECK(stage.who("fresh@a.example") == dn("fresh"));
    CHECK(stage.copy->standing().stage == Stage::live);
    CHECK_FALSE(stage.cookie());
    SECTION("seen again") {
        stage.pass(5min);
        CHECK(stage.take(sync::Heard{}) == sync::Reply::restart);
        stage.refresh(half);
        CHECK_FALSE(stage.copy->health().held);
        CHECK(stage.who("p1@a.example") == "none");
        CHECK(stage.told("! seen twice, so it is true: 500 of 1001 entries are removed"));
        CHECK(stage.cookie() == half.now());
    }
    SECTION("not again before its time") {
        stage.pass(4min);
        CHECK(stage.take(sync::Heard{}) == sync::Reply::go_on);
    }
    SECTION("seen again at once, as when the server is restarted") {
        stage.take(lost());
        stage.refresh(half);
        stage.pass(4min);
        stage.take(lost());
        stage.refresh(half);
        CHECK(stage.copy->health().held);
        CHECK(stage.who("p1@a.example") == dn("p1"));
        stage.pass(1min);
        CHECK(stage.take(sync::Heard{}) == sync::Reply::restart);
        stage.refresh(half);
        CHECK(stage.who("p1@a.example") == "none");
    }
    SECTION("seen again at once, because of a doubt") {
        CHECK(stage.take(sync::Doubt{"a container was changed"}) == sync::Reply::restart);
        stage.refresh(half);
        CHECK(stage.who("p1@a.example") == dn("p1"));
    }
    SECTION("seen again, as the administrator wishes") {
        stage.copy->want_everything();
        stage.refresh(half);
        CHECK(stage.who("p1@a.example") == "none");
    }
    SECTION("seen otherwise") {
        half.remove(700);
        stage.refresh(half);
        REQUIRE(stage.copy->health().held);
        CHECK(stage.who("p1@a.example") == dn("p1"));
    }
    SECTION("accepted") {
        CHECK(stage.copy->accept() == AcceptResult::done);
        CHECK(stage.who("p1@a.example") == "none");
        CHECK(stage.cookie() == half.now());
        CHECK(stage.copy->accept() == AcceptResult::nothing_held);
    }
    SECTION("accepted in the middle of a refresh") {
        auto events = half.refresh(std::nullopt, false);
        events.resize(10);
        stage.take(events);
        CHECK(stage.copy->accept() == AcceptResult::refresh_under_way);
        stage.take(lost());
        CHECK(stage.copy->accept() == AcceptResult::refresh_under_way);
        CHECK(stage.who("p1@a.example") == dn("p1"));
    }
    SECTION("they come back") {
        server.put(2000, {"fresh", {"fresh@a.example"}});
        stage.refresh(server);
        CHECK_FALSE(stage.copy->health().held);
        CHECK(stage.who("p1@a.example") == dn("p1"));
    }
    SECTION("all but a few come back, and these are no smaller matter") {
        stage.refresh(server);
        CHECK(stage.copy->health().held->loss.lost == 1);
        CHECK(stage.who("fresh@a.example") == dn("fresh"));
        stage.pass(5min);
        stage.refresh(server);
        CHECK_FALSE(stage.copy->health().held);
        CHECK(stage.who("fresh@a.example") == "none");
    }
    SECTION("told to be gone, one by one") {
        half.put(1, {"p1", {"p1@a.example"}});
        stage.take(half.last_change());
        half.remove(1);
        stage.take(half.last_change());
        CHECK(stage.who("p1@a.example") == "none");
        CHECK(stage.copy->accept() == AcceptResult::done);
        CHECK(stage.cookie() == half.now());
    }
}

TEST_CASE("a server that is being filled is given time, however often it is looked at") {
    CopyStage stage;
    stage.refresh(people(200));
    // Reset, and filled again: the same people under other ids.
    Server reset;
    stage.refresh(reset, true);
    REQUIRE(stage.copy->health().held);
    SECTION("told as they come") {
        for (std::uint64_t i = 0; i < 100; ++i) {
            auto const name = "p" + std::to_string(i);
            reset.put(5000 + i, {name, {name + "@a.example"}});
            stage.take(reset.last_change());
            stage.pass(10s);
        }
        stage.take(lost());
        stage.refresh(reset);
    }
    SECTION("found by looking") {
        for (std::uint64_t i = 0; i < 3; ++i) {
            stage.pass(5min);
            auto const name = "p" + std::to_string(i);
            reset.put(5000 + i, {name, {name + "@a.example"}});
            if (i == 1) stage.copy->want_everything();
            stage.refresh(reset);
        }
    }
    CHECK(stage.copy->health().held);
    CHECK(stage.who("p199@a.example") == dn("p199"));
    stage.pass(4min);
    stage.refresh(reset);
    CHECK(stage.who("p199@a.example") == dn("p199"));
    stage.pass(1min);
    stage.refresh(reset);
    CHECK_FALSE(stage.copy->health().held);
    CHECK(stage.who("p199@a.example") == "none");
    CHECK(stage.who("p1@a.example") == dn("p1"));
}

TEST_CASE("a server that is behind the copy can take nobody away by that") {
    CopyStage stage;
    auto server = people(100);
    auto const late = server;  // as it was before the next two changes
    server.put(200, {"new", {"new@a.example"}});
    server.put(1, {"p1", {"p1@a.example", "alias@a.example"}});
    stage.refresh(server);
    stage.take(sync::SessionEnds{sync::EndReason::cookie_newer, "ldap://test", "53"});
    stage.take(late.refresh(std::nullopt, false));
    CHECK(stage.told("! a refresh would remove 1 of 101 entries: held"));
    CHECK(stage.who("new@a.example") == dn("new"));
    // What it says of an entry may be older than what was known, too.
    CHECK(stage.who("alias@a.example") == "not asked");
    CHECK_FALSE(stage.copy->doubt_about_server().empty());
    SECTION("it was late") {
        stage.refresh(server);
        CHECK_FALSE(stage.copy->health().held);
        CHECK(stage.who("alias@a.example") == dn("p1"));
    }
    SECTION("it was restored") {
        stage.pass(5min);
        CHECK(stage.take(sync::Heard{}) == sync::Reply::restart);
        stage.refresh(late);
        CHECK(stage.who("new@a.example") == "none");
        CHECK(stage.who("alias@a.example") == "none");
    }
    CHECK(stage.who("p2@a.example") == dn("p2"));
    stage.pass(5min);
    stage.take(sync::Heard{});
    CHECK(stage.copy->doubt_about_server().empty());
}

TEST_CASE("removals that the directory names apply, with an alarm") {
    CopyStage stage;
    auto server = people(1000);
    stage.refresh(server);
    for (std::uint64_t i = 0; i < 200; ++i) {
        server.remove(i);
        stage.take(server.last_change());
    }
    CHECK(stage.who("p199@a.example") == "none");
    CHECK(std::count_if(stage.notes.begin(), stage.notes.end(), [](std::string const& note) {
              return note.starts_with("! the directory is removing many entries");
          }) == 1);
    CHECK(stage.copy->health().problems.size() == 1);
}

}  // namespace splitmx::directory::copy
