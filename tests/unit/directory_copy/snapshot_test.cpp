#include <random>

#include "stage.hpp"

namespace splitmx::directory::copy {

namespace {

Server some_people() {
    Server server;
    for (std::uint64_t i = 0; i < 40; ++i) {
        auto const n = std::to_string(i);
        server.put(i, {"p" + n, {"p" + n + "@a.example", "alias" + n + "@b.example"}, i % 7 != 0});
    }
    return server;
}

bool is_written(Snapshot::WriteResult const& result) {
    return std::holds_alternative<Snapshot::Written>(result);
}

std::string refusal(Snapshot::LoadResult const& result) {
    auto const* refused = std::get_if<Snapshot::Refused>(&result);
    return refused                                            ? refused->why
           : std::holds_alternative<Snapshot::Loaded>(result) ? "loaded"
                                                              : "not there";
}

}  // namespace

TEST_CASE("a snapshot serves at once, and goes on from its cookie") {
    MemoryFiles files;
    auto server = some_people();
    CopyStage before;
    before.refresh(server);
    REQUIRE(is_written(snapshot_in(files).write(*before.copy)));
    CHECK_FALSE(before.copy->is_dirty());

    CopyStage after;
    after.wall += 3h;
    CHECK(refusal(snapshot_in(files).load(*after.copy)) == "loaded");
    CHECK(after.copy->standing().stage == Stage::stale);
    CHECK(after.copy->standing().age == 3h);
    CHECK(after.who("p1@a.example") == "uid=p1,ou=people,dc=example,dc=com");
    CHECK(after.who("ALIAS1@b.example") == "uid=p1,ou=people,dc=example,dc=com");
    CHECK(after.who("nobody@a.example") == "not asked");
    CHECK(after.copy->health().counts.others == 6);
    CHECK(after.cookie() == server.now());
    server.remove(1);
    server.put(2, {"p2", {"p2@a.example"}});
    after.refresh(server);
    CHECK(after.who("p1@a.example") == "none");
    CHECK(after.who("alias2@b.example") == "none");
    CHECK(after.copy->standing().stage == Stage::live);
}

TEST_CASE("a clock that was set back makes no snapshot fresh") {
    MemoryFiles files;
    CopyStage before;
    before.refresh(some_people());
    REQUIRE(is_written(snapshot_in(files).write(*before.copy)));
    CopyStage after;
    after.wall -= 24h;
    CHECK(refusal(snapshot_in(files).load(*after.copy)) == "loaded");
    CHECK(after.copy->standing().stage == Stage::stale);
    CHECK(after.who("nobody@a.example") == "not asked");
}

TEST_CASE("every damage of a snapshot is found") {
    MemoryFiles files;
    CopyStage before;
    before.refresh(some_people());
    REQUIRE(is_written(snapshot_in(files).write(*before.copy)));
    auto const good = files.durable.at("/state/main.copy");
    auto const loaded = [&] {
        CopyStage after;
        auto const why = refusal(snapshot_in(files).load(*after.copy));
        if (why != "loaded") CHECK(after.who("p1@a.example") == "not asked");
        return why;
    };
    SECTION("cut off anywhere") {
        for (std::size_t size = 0; size < good.size(); ++size) {
            files.durable["/state/main.copy"] = good.substr(0, size);
            REQUIRE(loaded() != "loaded");
        }
    }
    SECTION("any octet") {
        for (std::size_t at = 0; at < good.size(); ++at) {
            auto bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 0x10);
            files.durable["/state/main.copy"] = bad;
            REQUIRE(loaded() != "loaded");
        }
    }
    SECTION("of another version") {
        auto old = good;
        old[16] = 3;  // the octet behind the name
        files.durable["/state/main.copy"] = old;
        CHECK(
            loaded() ==
            "/state/main.copy: of another version of splitmx: its format is 3, and not 5"
        );
    }
    SECTION("longer") {
        files.durable["/state/main.copy"] = good + std::string(8, '\0');
        CHECK(loaded() == "/state/main.copy: cut off");
    }
    SECTION("something else") {
        files.durable["/state/main.copy"] = std::string(4096, 'x');
        CHECK(loaded() == "/state/main.copy: not a snapshot");
    }
    SECTION("not there") {
        files.durable.clear();
        CHECK(loaded() == "not there");
    }
    SECTION("of another source") {
        CopyStage after;
        CHECK(
            refusal(snapshot_in(files, "dc=other").load(*after.copy)) ==
            "/state/main.copy: made with another base"
        );
    }
}

TEST_CASE("whichever step of writing fails, one whole snapshot is there") {
    MemoryFiles files;
    auto server = some_people();
    CopyStage stage;
    stage.refresh(server);
    REQUIRE(is_written(snapshot_in(files).write(*stage.copy)));
    auto const old = files.durable.at("/state/main.copy");
    files.calls = 0;
    REQUIRE(is_written(snapshot_in(files).write(*stage.copy)));
    auto const calls = files.calls;
    REQUIRE(calls > 60);
    server.put(100, {"late", {"late@a.example"}});
    stage.take(server.last_change());
    for (std::size_t failing = 1; failing <= calls; ++failing) {
        files.calls = 0;
        files.failing = failing;
        files.durable["/state/main.copy"] = old;
        auto const result = snapshot_in(files).write(*stage.copy);
        REQUIRE(std::holds_alternative<mail::Error>(result));
        CHECK(stage.copy->is_dirty());
        CHECK(stage.copy->health().problems.size() == 1);
        files.failing = 0;
        CopyStage after;
        REQUIRE(refusal(snapshot_in(files).load(*after.copy)) == "loaded");
        bool const is_new = after.who("late@a.example") != "not asked";
        CHECK(after.cookie() == (is_new ? server.now() : sync::Cookie{"40"}));
    }
    CHECK(is_written(snapshot_in(files).write(*stage.copy)));
    CHECK(stage.copy->health().problems.empty());
}

TEST_CASE("held removals are still there after a restart, and are looked at again") {
    MemoryFiles files;
    auto server = some_people();
    CopyStage before;
    before.refresh(server);
    before.refresh(Server(), true);
    REQUIRE(before.copy->health().held);
    REQUIRE(is_written(snapshot_in(files).write(*before.copy)));
    CopyStage after;
    REQUIRE(refusal(snapshot_in(files).load(*after.copy)) == "loaded");
    CHECK_FALSE(after.cookie());
    after.refresh(Server());
    CHECK(after.copy->health().held);
    CHECK(after.who("p1@a.example") != "none");
}

TEST_CASE("no snapshot of half a refresh") {
    MemoryFiles files;
    auto const server = some_people();
    CopyStage stage;
    CHECK(std::holds_alternative<Snapshot::NotNow>(snapshot_in(files).write(*stage.copy)));
    stage.refresh(server);
    stage.take(sync::RefreshBegins{server.now()});
    CHECK(std::holds_alternative<Snapshot::NotNow>(snapshot_in(files).write(*stage.copy)));
    auto const cut = [&] {
        stage.take(sync::RefreshEnds{sync::RefreshEnds::Phase::deletes, server.now()});
        return stage.copy->begin_cut();
    }();
    REQUIRE(cut);
    std::string octets;
    Index::Tally tally;
    CHECK(stage.copy->append_shard(*cut, 0, octets, tally));
    stage.take(sync::RefreshBegins{server.now()});
    CHECK_FALSE(stage.copy->append_shard(*cut, 1, octets, tally));
}

// Sessions that break anywhere, restarts from whatever snapshot there is, failing disks: in the end
// the copy is what the server is, and on the way nobody who was there all the time was "nobody".
TEST_CASE("after any history the copy is what its server is") {
    std::mt19937 random(Catch::rngSeed() + 2);
    auto const below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    for (int history = 0; history < 60; ++history) {
        MemoryFiles files;
        Server server;
        server.put(1000, {"always", {"always@d0.example", "always@d1.example"}});
        auto stage = std::make_unique<CopyStage>();
        bool listening = false;
        auto const change = [&] {
            auto const id = below(25);
            if (below(3) == 0) return server.remove(id);
            auto const n = std::to_string(below(40));
            Person person{"n" + std::to_string(id) + (below(4) == 0 ? "x" : ""), {}, below(8) != 0};
            for (auto left = below(3); left > 0; --left) {
                person.addresses.push_back(
                    "a" + std::to_string(below(30)) + "@d" + std::to_string(below(2)) + ".example"
                );
            }
            server.put(id, person);
        };
        auto const follow = [&](std::size_t events_at_most, bool log_is_lost) {
            auto events = server.refresh(stage->cookie(), log_is_lost);
            bool const whole = events_at_most >= events.size();
            if (!whole) events.resize(events_at_most);
            bool const again = stage->take(std::move(events)) == sync::Reply::restart;
            if (!whole) stage->take(lost());
            listening = whole && !again;
        };
        for (int step = 0; step < 60; ++step) {
            auto const before = server.changes();
            switch (below(8)) {
                case 0:
                    follow(below(40), below(2) == 0);
                    break;
                case 1:
                    follow(1000, below(2) == 0);
                    break;
                case 2:
                    files.calls = 0;
                    files.failing = below(3) == 0 ? below(80) : 0;
                    (void)snapshot_in(files).write(*stage->copy);
                    files.failing = 0;
                    break;
                case 3:
                    if (below(3) != 0) break;
                    stage = std::make_unique<CopyStage>();
                    (void)snapshot_in(files).load(*stage->copy);
                    listening = false;
                    break;
                default:
                    change();
                    if (listening && server.changes() != before) stage->take(server.last_change());
                    if (below(15) == 0) {
                        stage->take(lost());
                        listening = false;
                    }
            }
            auto const seen = stage->who("always@d0.example");
            REQUIRE((seen == "not asked" || seen == "uid=always,ou=people,dc=example,dc=com"));
        }
        follow(1000, below(2) == 0);
        if (!listening) follow(1000, false);
        REQUIRE(listening);
        REQUIRE_FALSE(stage->copy->health().held);
        CHECK(stage->copy->health().counts.entries() == server.entries().size());
        for (int n = 0; n < 30; ++n) {
            for (auto const* domain : {"d0", "d1"}) {
                auto const address = "a" + std::to_string(n) + "@" + domain + ".example";
                std::set<std::string> expected;
                for (auto const& [id, person] : server.entries()) {
                    if (!person.is_recipient) continue;
                    for (auto const& own : person.addresses) {
                        if (own == address) {
                            expected.insert("uid=" + person.name + ",ou=people,dc=example,dc=com");
                        }
                    }
                }
                std::string text;
                for (auto const& name : expected) text += (text.empty() ? "" : " | ") + name;
                REQUIRE(stage->who(address) == (text.empty() ? "none" : text));
            }
        }
    }
}

}  // namespace splitmx::directory::copy
