#include "relay/host_book.hpp"

#include "catch2/catch.hpp"

using namespace splitmx;
using namespace std::chrono_literals;
using relay::HostBook;
using relay::HostChanged;
using relay::HostCondition;
using Entry = HostBook::Entry;
using Why = HostBook::Why;

namespace {

struct World {
    explicit World(std::size_t total, std::size_t loops = 2)
        : book(total, [this](HostChanged const& change, std::size_t messages) {
              reports.push_back(change.hop + " " + std::to_string(messages));
          }) {
        for (std::size_t i = 0; i < loops; ++i) {
            book.join(
                {[this, i](HostChanged const& change) {
                     if (i == 0) changes.push_back(change);
                     change.count->add(i + 1);
                 },
                 [this, i](std::string const& hop) {
                     grants.push_back(std::to_string(i) + " " + hop);
                 },
                 [this] { ++wanted; }}
            );
        }
    }
    std::size_t fill(std::string const& hop, std::size_t most, std::size_t loop = 0) {
        std::size_t taken = 0;
        while (taken < most && book.ask(loop, hop, Why::due) == Entry::granted) ++taken;
        return taken;
    }

    std::vector<HostChanged> changes;
    std::vector<std::string> reports;
    HostBook book;
    std::vector<std::string> grants;
    int wanted = 0;
};

relay::HostReply const refused{mail::Status(451, {4, 1}, "Connection refused"), "a[192.0.2.1]:25"};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("host book: loops that wait for one host take turns") {
    World world(100);
    world.book.adopt(1, {{"notes", 2}}, 30s);
    CHECK(world.fill("host:notes", 10) == 2);
    CHECK(world.wanted == 2);  // both loops were told
    CHECK(world.book.ask(1, "host:notes", Why::due) == Entry::full);
    CHECK(world.book.ask(0, "host:notes", Why::due) == Entry::full);
    CHECK(world.book.is_wanted(0, "host:notes"));
    CHECK(world.book.is_wanted(1, "host:notes"));
    CHECK(world.wanted == 4);
    CHECK(world.book.ask(1, "host:notes", Why::due) == Entry::full);
    CHECK(world.wanted == 4);  // who waits already tells nobody again
    world.book.leave(0, "host:notes", false);
    world.book.leave(0, "host:notes", false);
    CHECK(world.grants == Texts{"1 host:notes", "0 host:notes"});  // who has fewest, first
    CHECK_FALSE(world.book.is_wanted(0, "host:notes"));
    CHECK_FALSE(world.book.is_wanted(1, "host:notes"));
    CHECK(world.book.connections() == 2);
}

TEST_CASE("host book: a place in use changes hands for whoever has less than his share") {
    World world(100);
    world.book.adopt(1, {{"notes", 4}}, 30s);
    std::string const hop = "host:notes";
    CHECK(world.fill(hop, 4) == 4);
    CHECK_FALSE(world.book.should_yield(0, hop));  // nobody else asks
    CHECK(world.book.ask(1, hop, Why::due) == Entry::full);
    CHECK(world.book.should_yield(0, hop));  // four and none
    for (int places = 1; places <= 2; ++places) {
        world.book.leave(0, hop, false);
        CHECK(world.grants.size() == std::size_t(places));
        CHECK(world.book.ask(1, hop, Why::due) == Entry::full);
        CHECK(world.book.should_yield(0, hop) == (places == 1));  // three and one; two and two
    }
    CHECK_FALSE(world.book.should_yield(1, hop));
}

TEST_CASE("host book: a place that is yielded goes to whom it was yielded for") {
    World world(100);
    world.book.adopt(1, {{"notes", 4}}, 30s);
    std::string const hop = "host:notes";
    CHECK(world.fill(hop, 4) == 4);
    CHECK(world.book.ask(0, hop, Why::due) == Entry::full);
    CHECK(world.book.ask(1, hop, Why::due) == Entry::full);
    world.book.leave(0, hop, true);
    CHECK(world.grants == Texts{"1 host:notes"});  // though the other was in line before it
    CHECK_FALSE(world.book.is_wanted(0, hop));     // by itself only
    CHECK(world.book.is_wanted(1, hop));
}

TEST_CASE("host book: who has places tells the others now and then that he wants one more") {
    World world(100);
    world.book.adopt(1, {{"notes", 2}}, 30s);
    CHECK(world.fill("host:notes", 10) == 2);
    int const told = world.wanted;
    for (int i = 0; i < 5; ++i) {
        world.book.cancel(0, "host:notes");
        CHECK(world.book.ask(0, "host:notes", Why::due) == Entry::full);
    }
    CHECK(world.wanted == told);
}

TEST_CASE("host book: who cancels is in nobody's way") {
    World world(2);
    CHECK(world.fill("mx:a.example", 2) == 2);
    CHECK(world.book.ask(1, "mx:b.example", Why::due) == Entry::full);
    CHECK(world.book.should_yield(0, "mx:a.example"));
    world.book.cancel(1, "mx:b.example");
    CHECK_FALSE(world.book.should_yield(0, "mx:a.example"));
    CHECK_FALSE(world.book.is_wanted(0, "mx:a.example"));
    world.book.leave(0, "mx:a.example", true);
    CHECK(world.grants.empty());
}

TEST_CASE("host book: one place for two loops goes to and fro") {
    World world(100);
    world.book.adopt(1, {{"notes", 1}}, 30s);
    CHECK(world.fill("host:notes", 1) == 1);
    CHECK(world.book.ask(1, "host:notes", Why::due) == Entry::full);
    CHECK(world.book.should_yield(0, "host:notes"));
}

TEST_CASE("host book: hosts that wait for one of all places take turns") {
    World world(4);
    CHECK(world.fill("mx:big.example", 10) == 4);
    CHECK(world.book.ask(0, "mx:a.example", Why::due) == Entry::full);
    CHECK(world.book.ask(1, "mx:b.example", Why::due) == Entry::full);
    CHECK(world.book.ask(0, "mx:b.example", Why::due) == Entry::full);
    CHECK(world.book.is_wanted(0, "mx:big.example"));
    for (int i = 0; i < 4; ++i) world.book.leave(0, "mx:big.example", false);
    CHECK(
        world.grants ==
        Texts{"0 mx:big.example", "0 mx:a.example", "1 mx:b.example", "0 mx:b.example"}
    );
}

TEST_CASE("host book: nobody overtakes those in line, and who cancels is passed over") {
    World world(1);
    CHECK(world.fill("mx:a.example", 1) == 1);
    CHECK(world.book.ask(0, "mx:b.example", Why::due) == Entry::full);
    CHECK(world.book.ask(1, "mx:c.example", Why::due) == Entry::full);
    world.book.cancel(0, "mx:b.example");
    world.book.leave(0, "mx:a.example", false);
    CHECK(world.grants == Texts{"1 mx:c.example"});
    CHECK(world.book.ask(0, "mx:d.example", Why::due) == Entry::full);
}

TEST_CASE("host book: a host that falls and comes back is told to all, once") {
    World world(100);
    CHECK(world.fill("mx:a.example", 3) == 3);
    world.book.unreachable("mx:a.example", refused);
    world.book.unreachable("mx:a.example", refused);
    REQUIRE(world.changes.size() == 1);
    CHECK(world.changes[0].hop == "mx:a.example");
    CHECK(world.changes[0].now == HostCondition::down);
    CHECK(world.reports == Texts{"mx:a.example 3"});  // one of the first loop, two of the other
    CHECK(world.changes[0].reply->status.text == "Connection refused");
    for (int i = 0; i < 3; ++i) world.book.leave(0, "mx:a.example", false);
    CHECK(world.book.ask(0, "mx:a.example", Why::due) == Entry::down);
    CHECK(world.book.ask(0, "mx:a.example", Why::forced) == Entry::granted);
    CHECK(world.book.ask(0, "mx:a.example", Why::forced) == Entry::down);
    world.book.connected("mx:a.example");
    REQUIRE(world.changes.size() == 2);
    CHECK(world.changes[1].before == HostCondition::down);
    CHECK(world.changes[1].now == HostCondition::up);
}

TEST_CASE("host book: places grow with success, and those who wait get them") {
    World world(100);
    CHECK(world.fill("mx:a.example", 100) == 5);
    CHECK(world.grants.empty());
    world.book.carried("mx:a.example", refused);
    CHECK(world.grants == Texts{"0 mx:a.example"});
    CHECK(world.book.state("mx:a.example").window() == 6);
}

TEST_CASE("host book: a pause reaches all, and lets nobody in") {
    World world(100);
    CHECK(world.book.pause("host:notes", "moving house"));
    CHECK_FALSE(world.book.pause("host:notes", "still moving"));
    CHECK(world.book.ask(0, "host:notes", Why::forced) == Entry::paused);
    CHECK(world.book.condition("host:notes") == HostCondition::paused);
    CHECK(world.book.resume("host:notes"));
    CHECK(world.book.ask(0, "host:notes", Why::due) == Entry::granted);
    CHECK(world.changes.size() == 2);
}

TEST_CASE("host book: probes of dead hosts keep to the bound over all") {
    World world(2);
    for (auto const* hop : {"mx:a.example", "mx:b.example", "mx:c.example"}) {
        world.book.unreachable(hop, refused);
    }
    CHECK(world.book.ask(0, "mx:a.example", Why::forced) == Entry::granted);
    CHECK(world.book.ask(0, "mx:b.example", Why::forced) == Entry::granted);
    CHECK(world.book.ask(0, "mx:c.example", Why::forced) == Entry::full);
    world.book.unreachable("mx:a.example", refused);
    world.book.leave(0, "mx:a.example", false);
    CHECK(world.grants == Texts{"0 mx:c.example"});
}

TEST_CASE("host book: the bound over all hosts leaves descriptors for the rest") {
    CHECK(relay::outbound_limit(20'000, 1000) == 4096);
    CHECK(relay::outbound_limit(4096, 1000) == 1484);
    CHECK(relay::outbound_limit(1024, 1000) == 16);
    CHECK(relay::outbound_limit(0, 0) == 16);
    CHECK(relay::most_clients(1024) == 880);
    CHECK(relay::most_clients(100) == 16);
}

TEST_CASE("host book: a failure is fresh for less than the shortest wait") {
    spool::RetrySchedule schedule;
    CHECK(relay::freshness(schedule) == 30s);
    schedule.retry = {1s, 5s};
    CHECK(relay::freshness(schedule) == 500ms);
    schedule.retry = {};
    CHECK(relay::freshness(schedule) == 30s);
}
