#include "spool/queue_index.hpp"

#include <algorithm>

#include "catch2/catch.hpp"

using namespace splitmx;
using namespace std::chrono_literals;
using spool::QueueIndex;
using spool::SpoolId;
using State = QueueIndex::LegState;

namespace {

mail::Instant const start(1'760'000'000s);

spool::Summary summary(
    std::uint64_t id,
    std::vector<spool::PendingRecipient> pending,
    std::string_view sender = "ann@adatum.com"
) {
    spool::Summary summary;
    summary.id = SpoolId(id);
    summary.arrived = start - 1h;
    summary.size = 1000;
    summary.sender = sender;
    summary.pending = std::move(pending);
    return summary;
}

spool::PendingRecipient at(std::string_view hop, mail::Duration wait = 0ms, unsigned tries = 0) {
    return {hop, start + wait, tries};
}

// The ids that come out for a hop, each one's delivery ended at once.
std::vector<std::uint64_t> ready(QueueIndex& index, std::string_view hop) {
    std::vector<std::uint64_t> ids;
    auto const number = index.find_hop(hop);
    if (!number) return ids;
    while (auto const leg = index.take_ready(*number)) {
        ids.push_back(index.leg(*leg).id.value());
        index.wait(*leg, start + 1h, 1, false);
        if (ids.size() > 100) break;
    }
    return ids;
}

void make_due_ready(QueueIndex& index, mail::Instant now) {
    std::vector<QueueIndex::Leg> due;
    index.take_due(now, 1000, due);
    for (auto const leg : due) index.make_ready(leg);
}

using Ids = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("queue index: one leg a hop, due with its first recipient") {
    QueueIndex index(start);
    CHECK(index.add(summary(1, {at("host:a", 5min, 3), at("host:b"), at("host:a", 1min, 1)}), 1));
    CHECK_FALSE(index.add(summary(1, {at("host:c")}), 1));
    REQUIRE(index.legs_of(SpoolId(1)).size() == 2);
    auto const a = index.leg(*index.leg_of(SpoolId(1), *index.find_hop("host:a")));
    CHECK(a.due == start + 1min);
    CHECK(a.attempts == 1);
    CHECK(a.state == State::waiting);
    make_due_ready(index, start);
    CHECK(ready(index, "host:a").empty());
    CHECK(ready(index, "host:b") == Ids{1});
    make_due_ready(index, start + 1min + spool::DueWheel::tick);
    CHECK(ready(index, "host:a") == Ids{1});
}

TEST_CASE("queue index: senders take turns at a hop; the null sender is one of them") {
    QueueIndex index(start);
    for (std::uint64_t id = 1; id <= 4; ++id) index.add(summary(id, {at("mx:b", 1ms * id)}), 1);
    index.add(summary(5, {at("mx:b", 5ms)}, ""), 1);
    index.add(summary(6, {at("mx:b", 6ms)}, ""), 1);
    index.add(summary(7, {at("mx:b", 7ms)}, "bob@adatum.com"), 1);
    make_due_ready(index, start + 1s);
    auto order = ready(index, "mx:b");
    REQUIRE(order.size() == 7);
    std::sort(order.begin(), order.begin() + 3);
    CHECK(index.find(SpoolId(5))->from_null);
    // In the first three turns each of the three senders had one.
    auto const sender = [&](std::uint64_t id) { return index.find(SpoolId(id))->sender; };
    CHECK(sender(order[0]) != sender(order[1]));
    CHECK(sender(order[1]) != sender(order[2]));
    CHECK(sender(order[0]) != sender(order[2]));
}

TEST_CASE("queue index: replaced after an attempt") {
    QueueIndex index(start);
    index.add(summary(1, {at("host:a"), at("host:b")}), 1);
    make_due_ready(index, start + 1s);
    auto const leg = index.take_ready(*index.find_hop("host:a"));
    REQUIRE(leg);

    SECTION("what is in delivery stays so, gone hops go, new ones come") {
        index.replace(summary(1, {at("host:a"), at("host:c", 1min)}), 2);
        CHECK(index.leg(*leg).state == State::in_delivery);
        CHECK_FALSE(index.find_hop("host:b"));
        CHECK(index.leg(*index.leg_of(SpoolId(1), *index.find_hop("host:c"))).due == start + 1min);
        CHECK(index.find(SpoolId(1))->generation == 2);
    }
    SECTION("in delivery it stays even when nothing is pending there any more") {
        index.replace(summary(1, {at("host:b")}), 1);
        CHECK(index.leg(*leg).state == State::in_delivery);
        index.remove(SpoolId(1));
        CHECK(index.size() == 0);
        CHECK(index.hops().empty());
    }
    SECTION("held: nothing of it waits or is ready") {
        auto held = summary(1, {at("host:a"), at("host:b")});
        held.is_held = true;
        index.replace(held, 1);
        CHECK(index.totals(start).held == 1);
        CHECK(ready(index, "host:b").empty());
        make_due_ready(index, start + 24h);
        CHECK(ready(index, "host:b").empty());
        index.replace(summary(1, {at("host:a"), at("host:b")}), 1);
        make_due_ready(index, start + 24h);
        CHECK(ready(index, "host:b") == Ids{1});
    }
}

TEST_CASE("queue index: a leg that is ready no more is passed over") {
    QueueIndex index(start);
    index.add(summary(1, {at("host:a")}), 1);
    index.add(summary(2, {at("host:a")}, "bob@adatum.com"), 1);
    make_due_ready(index, start + 1s);
    auto const hop = *index.find_hop("host:a");
    CHECK(index.ready_at(hop) == 2);
    index.remove(SpoolId(1));
    CHECK(index.ready_at(hop) == 1);
    // Its leg's number is used again, elsewhere.
    index.add(summary(3, {at("host:b")}, "cleo@adatum.com"), 1);
    make_due_ready(index, start + 1s);
    CHECK(ready(index, "host:a") == Ids{2});
    CHECK(ready(index, "host:b") == Ids{3});
}

TEST_CASE("queue index: all that waits behind a host") {
    QueueIndex index(start);
    for (std::uint64_t id = 1; id <= 5; ++id) index.add(summary(id, {at("host:a")}), 1);
    make_due_ready(index, start + 1s);
    auto const hop = *index.find_hop("host:a");
    auto const legs = index.take_all_ready(hop);
    REQUIRE(legs.size() == 5);
    for (auto const leg : legs) index.wait(leg, start + 1min, 1, true);
    CHECK(index.ready_at(hop) == 0);
    CHECK(index.totals(start).deferred == 5);
    for (auto const leg : index.legs_at(hop)) {
        if (index.leg(leg).behind_host) index.make_ready(leg);
    }
    CHECK(ready(index, "host:a").size() == 5);
    CHECK(index.next_due());
}

TEST_CASE("queue index: found by id and by sender, and counted") {
    QueueIndex index(start);
    index.add(summary(1, {at("host:a")}), 1);
    index.add(summary(2, {at("host:a")}, "bob@adatum.com"), 1);
    index.add(summary(3, {at("host:b")}, "bob@adatum.com"), 1);
    CHECK(index.find(SpoolId(2))->size == 1000);
    CHECK_FALSE(index.find(SpoolId(9)));
    auto of_bob = index.of_sender(spool::sender_key("bob@adatum.com"));
    std::sort(of_bob.begin(), of_bob.end());
    CHECK(of_bob == std::vector<SpoolId>{SpoolId(2), SpoolId(3)});
    CHECK(index.legs_at(*index.find_hop("host:a")).size() == 2);
    auto const totals = index.totals(start);
    CHECK(totals.messages == 3);
    CHECK(totals.octets == 3000);
    CHECK(totals.oldest == start - 1h);
    CHECK(totals.by_age[4] == 3);  // 40 to 80 minutes
    CHECK(totals.deferred == 3);
}

TEST_CASE("queue index: a clock that was set moves all waits") {
    QueueIndex index(start);
    index.add(summary(1, {at("host:a", 1min)}), 1);
    index.move_by(-24h);
    make_due_ready(index, start - 24h + 59s);
    CHECK(ready(index, "host:a").empty());
    make_due_ready(index, start - 24h + 61s);
    CHECK(ready(index, "host:a") == Ids{1});
}
