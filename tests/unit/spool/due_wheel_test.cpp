#include "spool/due_wheel.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "catch2/catch.hpp"

using namespace splitmx;
using namespace std::chrono_literals;
using spool::DueWheel;

namespace {

mail::Instant at(std::chrono::milliseconds since_start) {
    return mail::Instant(1'760'000'000s) + since_start;
}

std::vector<DueWheel::Key> due(
    DueWheel& wheel, mail::Instant now, std::size_t at_most = 1'000'000
) {
    std::vector<DueWheel::Key> keys;
    wheel.take_due(now, at_most, keys);
    return keys;
}

using Keys = std::vector<DueWheel::Key>;

}  // namespace

TEST_CASE("due wheel: nothing before its time, at most one tick after") {
    for (auto const wait : {0ms, 1ms, 64ms, 65ms, 1000ms, 4096ms, 300'000ms, 17'000'000ms}) {
        INFO(wait.count());
        DueWheel wheel(at(0ms));
        wheel.add(at(wait), 7);
        if (wait > 0ms) CHECK(due(wheel, at(wait - 1ms)).empty());
        CHECK(due(wheel, at(wait) + DueWheel::tick) == Keys{7});
        CHECK(wheel.size() == 0);
    }
}

TEST_CASE("due wheel: the farthest Instants") {
    DueWheel wheel(at(0ms));
    wheel.add(mail::Instant::max(), 1);
    wheel.add(mail::Instant::min(), 2);
    CHECK(due(wheel, at(24h * 365 * 100)) == Keys{2});
    CHECK(wheel.size() == 1);
    CHECK(due(wheel, mail::Instant::max()) == Keys{1});
}

TEST_CASE("due wheel: a removed entry never comes out, its ticket is used again") {
    DueWheel wheel(at(0ms));
    auto const first = wheel.add(at(1s), 1);
    wheel.add(at(1s), 2);
    wheel.remove(first);
    CHECK(wheel.add(at(2s), 3) == first);
    CHECK(due(wheel, at(10s)) == Keys{2, 3});
}

TEST_CASE("due wheel: no more at once than asked for, earliest first") {
    DueWheel wheel(at(0ms));
    for (DueWheel::Key key = 0; key < 10; ++key) wheel.add(at(key * 1s), key);
    CHECK(due(wheel, at(1h), 4) == Keys{0, 1, 2, 3});
    CHECK(due(wheel, at(1h)) == Keys{4, 5, 6, 7, 8, 9});
}

TEST_CASE("due wheel: next() is never later than the earliest entry, and gets there") {
    DueWheel wheel(at(0ms));
    CHECK_FALSE(wheel.next());
    wheel.add(at(5h), 1);
    unsigned looks = 0;
    auto now = at(0ms);
    while (wheel.size() > 0) {
        REQUIRE(wheel.next());
        CHECK(*wheel.next() <= at(5h) + DueWheel::tick);
        now = std::max(now, *wheel.next());
        due(wheel, now);
        REQUIRE(++looks < 10);
    }
    CHECK(now >= at(5h));
}

TEST_CASE("due wheel: a clock that jumps ahead makes due what lies between") {
    DueWheel wheel(at(0ms));
    wheel.add(at(1min), 1);
    wheel.add(at(24h * 3), 2);
    wheel.add(at(24h * 30), 3);
    CHECK(due(wheel, at(24h * 10)) == Keys{1, 2});
    CHECK(due(wheel, at(24h * 10)).empty());
}

TEST_CASE("due wheel: a clock that is set back") {
    DueWheel wheel(at(0ms));
    wheel.add(at(1h), 1);
    CHECK(due(wheel, at(59min)).empty());  // the cursor has moved
    auto const back = at(-24h);

    SECTION("what was added stays due at its Instant; what is added after the jump is on time") {
        wheel.add(back + 1min, 2);
        CHECK(due(wheel, back).empty());
        CHECK(due(wheel, back + 59s).empty());
        CHECK(due(wheel, back + 61s) == Keys{2});
        CHECK(due(wheel, at(59min)).empty());
        CHECK(due(wheel, at(1h)) == Keys{1});
    }
    SECTION("moved by the jump, a wait keeps its length") {
        wheel.move_by(std::chrono::duration_cast<mail::Duration>(back - at(59min)));
        CHECK(due(wheel, back).empty());
        CHECK(due(wheel, back + 59s).empty());
        CHECK(due(wheel, back + 1min + DueWheel::tick) == Keys{1});
    }
}

TEST_CASE("due wheel: as a sorted list would do it, whatever the clock does") {
    std::minstd_rand random(42);
    auto const number = [&](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(random);
    };
    for (int round = 0; round < 50; ++round) {
        DueWheel wheel(at(0ms));
        std::map<DueWheel::Key, std::pair<mail::Instant, DueWheel::Ticket>> model;
        auto now = at(0ms);
        DueWheel::Key key = 0;
        for (int step = 0; step < 400; ++step) {
            auto const what = number(0, 99);
            if (what < 50) {
                auto const spans = {100L, 10'000L, 1'000'000L, 1'000'000'000L, 100'000'000'000L};
                auto const span = *(spans.begin() + number(0, 4));
                auto const when = now + std::chrono::milliseconds(number(-span / 10, span));
                model[key] = {when, wheel.add(when, key)};
                ++key;
            } else if (what < 60 && !model.empty()) {
                auto const victim = std::next(model.begin(), number(0, std::ssize(model) - 1));
                wheel.remove(victim->second.second);
                model.erase(victim);
            } else if (what < 63) {
                now -= std::chrono::milliseconds(number(0, 10'000'000));
            } else if (what < 65) {
                auto const shift = std::chrono::milliseconds(64 * number(-100'000, 100'000));
                wheel.move_by(shift);
                for (auto& [k, entry] : model) entry.first += shift;
            } else {
                now += std::chrono::milliseconds(number(0, what < 95 ? 5'000 : 50'000'000));
            }
            for (auto const k : due(wheel, now)) {
                REQUIRE(model.contains(k));
                REQUIRE(model[k].first <= now);
                model.erase(k);
            }
            REQUIRE(wheel.size() == model.size());
            for (auto const& [k, entry] : model) {
                REQUIRE(entry.first > now - DueWheel::tick);
                REQUIRE(wheel.next());
                REQUIRE(*wheel.next() <= entry.first + DueWheel::tick);
            }
        }
    }
}
