#include "relay/host_state.hpp"

#include "catch2/catch.hpp"

using namespace splitmx;
using namespace std::chrono_literals;
using relay::HostCondition;
using relay::HostState;
using Entry = HostState::Entry;
using Why = HostState::Why;

namespace {

HostState::Moment const start{1000h};

relay::HostReply reply(int code, std::string const& text) {
    return {mail::Status(code, mail::EnhancedCode{}, text), "mbx1[10.0.0.1]:25"};
}

unsigned take_all(HostState& host, HostState::Moment now = start) {
    unsigned taken = 0;
    while (host.ask(now, Why::due) == Entry::granted) {
        host.take();
        ++taken;
    }
    return taken;
}

}  // namespace

TEST_CASE("host state: concurrency grows on success and never above the limit") {
    HostState host(7, 30s, start);
    CHECK(take_all(host) == 5);
    CHECK(host.ask(start, Why::due) == Entry::full);
    for (int i = 0; i < 10; ++i) host.carried(start, reply(250, "ok"));
    CHECK(take_all(host) == 2);
    CHECK(host.window() == 7);
    CHECK(host.last_reply()->status.text == "ok");
    CHECK(HostState(2, 30s, start).window() == 2);
}

TEST_CASE("host state: connections that break make it smaller, then it is down") {
    HostState host(8, 30s, start);
    for (int i = 0; i < 4; ++i) CHECK_FALSE(host.broke(start, reply(421, "busy")));
    CHECK(host.window() == 1);
    host.carried(start, reply(250, "ok"));
    CHECK(host.window() == 2);
    CHECK_FALSE(host.broke(start, reply(421, "busy")));
    CHECK(host.broke(start, reply(421, "busy")));
    CHECK(host.condition() == HostCondition::down);
    CHECK_FALSE(host.broke(start, reply(421, "busy")));  // the last but one that is connected
    CHECK(host.carried(start, reply(250, "ok")));        // and the last
    CHECK(host.condition() == HostCondition::up);
}

TEST_CASE("host state: one that takes no further connection still works on those it has") {
    HostState host(8, 30s, start);
    for (int i = 0; i < 3; ++i) host.take();
    host.connected(start);
    host.connected(start);
    CHECK_FALSE(host.unreachable(start, reply(421, "too many connections")));
    host.leave(false);
    CHECK(host.condition() == HostCondition::up);
    CHECK(host.window() == 2);
    CHECK(host.ask(start, Why::due) == Entry::full);
}

TEST_CASE("host state: while it is down, one at a time, and not while the failure is fresh") {
    HostState host(8, 30s, start);
    host.take();
    CHECK(host.unreachable(start, reply(451, "Connection refused")));
    host.leave(false);
    CHECK(host.condition() == HostCondition::down);
    CHECK(host.ask(start + 29s, Why::due) == Entry::down);
    CHECK(host.ask(start + 29s, Why::forced) == Entry::granted);
    CHECK(host.ask(start + 30s, Why::due) == Entry::granted);
    host.take();
    CHECK(host.ask(start + 30s, Why::forced) == Entry::down);
    CHECK_FALSE(host.unreachable(start + 60s, reply(451, "Connection refused")));
    host.leave(false);
    CHECK(host.ask(start + 80s, Why::due) == Entry::down);
    CHECK(host.ask(start + 90s, Why::due) == Entry::granted);
}

TEST_CASE("host state: nobody's message is due, but it is tried, ever less often") {
    HostState host(8, 30s, start);
    auto now = start;
    host.unreachable(now, reply(451, "Connection refused"));
    std::vector<std::chrono::milliseconds> waits;
    for (int i = 0; i < 6; ++i) {
        auto const probe = host.next_probe();
        REQUIRE(probe);
        CHECK(host.ask(*probe - 1s, Why::idle) == Entry::down);
        CHECK(host.ask(*probe, Why::idle) == Entry::granted);
        waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(*probe - now));
        now = *probe;
        host.unreachable(now, reply(451, "Connection refused"));
    }
    CHECK(waits == std::vector<std::chrono::milliseconds>{1min, 2min, 4min, 5min, 5min, 5min});
}

TEST_CASE("host state: back again it begins with one connection") {
    HostState host(8, 30s, start);
    host.unreachable(start, reply(451, "Connection refused"));
    host.take();
    CHECK(host.connected(start + 1h));
    CHECK(host.condition() == HostCondition::up);
    CHECK(host.since() == start + 1h);
    CHECK_FALSE(host.next_probe());
    CHECK(host.ask(start + 1h, Why::due) == Entry::full);
    host.carried(start + 1h, reply(250, "ok"));
    host.carried(start + 1h, reply(250, "ok"));
    CHECK(take_all(host, start + 1h) == 2);
}

TEST_CASE("host state: paused it gets nothing; resumed it gets a new chance") {
    HostState host(8, 30s, start);
    host.unreachable(start, reply(451, "Connection refused"));
    CHECK(host.pause(start + 1s, "moving house"));
    CHECK_FALSE(host.pause(start + 2s, "still moving"));
    CHECK(host.pause_reason() == "still moving");
    CHECK(host.since() == start + 1s);
    CHECK(host.condition() == HostCondition::paused);
    CHECK(host.ask(start + 1h, Why::forced) == Entry::paused);
    CHECK_FALSE(host.unreachable(start + 2s, reply(451, "Connection refused")));
    CHECK(host.resume(start + 1h));
    CHECK_FALSE(host.resume(start + 1h));
    CHECK(host.condition() == HostCondition::up);
    CHECK(host.ask(start + 1h, Why::due) == Entry::granted);
}

TEST_CASE("host state: a new limit counts at once") {
    HostState host(8, 30s, start);
    host.set_limit(2, 10s);
    CHECK(take_all(host) == 2);
    host.set_limit(20, 10s);
    host.carried(start, reply(250, "ok"));
    CHECK(take_all(host) == 1);
}
