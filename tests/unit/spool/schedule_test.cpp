#include "spool/schedule.hpp"

#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;
using namespace std::chrono_literals;

namespace {

constexpr double middle = 0.5;  // no jitter

mail::Duration wait(RetrySchedule const& schedule, unsigned attempts, double random = middle) {
    auto const now = at(0s);
    return std::chrono::duration_cast<mail::Duration>(
        next_attempt(schedule, attempts, now, random) - now
    );
}

}  // namespace

TEST_CASE("schedule: waits grow from the list to the longest") {
    struct Row {
        unsigned attempts;
        mail::Duration wait;
    };
    auto const row = GENERATE(values<Row>({
        {0, 1min},
        {1, 1min},
        {2, 5min},
        {3, 10min},
        {4, 15min},
        {5, 30min},
        {6, 60min},
        {7, 90min},
        {8, 135min},
        {9, mail::Duration(202 * 60'000 + 30'000)},
        {10, 240min},
        {11, 240min},
        {4'000'000'000U, 240min},
    }));
    INFO(row.attempts);
    CHECK(wait(RetrySchedule{}, row.attempts) == row.wait);
}

TEST_CASE("schedule: lists of the administrator") {
    RetrySchedule schedule;
    SECTION("a last wait beyond the longest stays") {
        schedule.retry = {1min, 8h};
        CHECK(wait(schedule, 2) == 8h);
        CHECK(wait(schedule, 3) == 8h);
    }
    SECTION("no list at all") {
        schedule.retry = {};
        CHECK(wait(schedule, 1) == 4h);
    }
}

TEST_CASE("schedule: jitter is ten percent either way") {
    RetrySchedule const schedule;
    CHECK(wait(schedule, 3, 0.0) == 9min);
    CHECK(wait(schedule, 3, 1.0) == 11min);
    CHECK(wait(schedule, 3, -7.0) == 9min);
    CHECK(wait(schedule, 3, 7.0) == 11min);
}

TEST_CASE("schedule: expiry, earlier for a null reverse-path") {
    RetrySchedule const schedule;
    auto item = sample_item(1);
    auto const day = 24h;
    CHECK_FALSE(is_expired(schedule, item, item.arrived + 5 * day - 1s));
    CHECK(is_expired(schedule, item, item.arrived + 5 * day));
    item.from = {};
    CHECK_FALSE(is_expired(schedule, item, item.arrived + 2 * day - 1s));
    CHECK(is_expired(schedule, item, item.arrived + 2 * day));
}

TEST_CASE("schedule: the delay warning") {
    RetrySchedule schedule;
    auto item = sample_item(1);
    auto const due = item.arrived + 4h;
    CHECK_FALSE(is_warning_due(schedule, item, due - 1s));
    CHECK(is_warning_due(schedule, item, due));
    SECTION("once") {
        item.warning_sent = true;
        CHECK_FALSE(is_warning_due(schedule, item, due));
    }
    SECTION("never to nobody") {
        item.from = {};
        CHECK_FALSE(is_warning_due(schedule, item, due));
    }
    SECTION("switched off") {
        schedule.warn_after.reset();
        CHECK_FALSE(is_warning_due(schedule, item, due));
    }
}

TEST_CASE("schedule: no wait goes beyond a deadline that is still ahead") {
    RetrySchedule const schedule;
    mail::Instant const start(1'760'000'000s);
    auto const all = deadlines(schedule, start, false, false);
    CHECK(all.expiry == start + 5 * 24h);
    CHECK(all.warning == start + 4h);
    CHECK(in_time(all, start, start + 1h) == start + 1h);
    CHECK(in_time(all, start + 3h, start + 6h) == start + 4h);
    CHECK(in_time(all, start + 4h, start + 6h) == start + 6h);
    CHECK(in_time(all, start + 119h, start + 123h) == start + 120h);
    CHECK_FALSE(is_deadline_over(all, start + 4h - 1s));
    CHECK(is_deadline_over(all, start + 4h));

    auto const warned = deadlines(schedule, start, false, true);
    CHECK_FALSE(warned.warning);
    CHECK_FALSE(is_deadline_over(warned, start + 119h));
    CHECK(is_deadline_over(warned, start + 120h));

    auto const report = deadlines(schedule, start, true, false);
    CHECK_FALSE(report.warning);
    CHECK(report.expiry == start + 48h);
}

TEST_CASE("schedule: the longest wait there is") {
    RetrySchedule schedule;
    CHECK(longest_wait(schedule) == 264min);  // 4 h and a tenth
    schedule.retry = {10h};
    CHECK(longest_wait(schedule) == 11h);
}
