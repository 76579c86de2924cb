#include "mail/date_time.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::mail;
using namespace std::chrono_literals;

TEST_CASE("dates: both forms, in UTC") {
    struct Row {
        long long milliseconds;  // since 1970
        char const* date_time;
        char const* timestamp;
    };
    auto const row = GENERATE(
        Row{0, "Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00.000Z"},
        Row{1795252364120, "Sat, 21 Nov 2026 09:12:44 +0000", "2026-11-21T09:12:44.120Z"},
        Row{951782400000, "Tue, 29 Feb 2000 00:00:00 +0000", "2000-02-29T00:00:00.000Z"},
        Row{4102444799999, "Thu, 31 Dec 2099 23:59:59 +0000", "2099-12-31T23:59:59.999Z"},
        Row{-1, "Wed, 31 Dec 1969 23:59:59 +0000", "1969-12-31T23:59:59.999Z"}
    );
    Instant const instant{std::chrono::milliseconds(row.milliseconds)};
    CHECK(to_date_time(instant) == row.date_time);
    CHECK(to_timestamp(instant) == row.timestamp);
}

TEST_CASE("dates: a second that was asked for is not mixed up with the next one") {
    Instant const first{1795252364120ms};
    CHECK(to_timestamp(first + 879ms) == "2026-11-21T09:12:44.999Z");
    CHECK(to_timestamp(first + 880ms) == "2026-11-21T09:12:45.000Z");
    CHECK(to_timestamp(first + 880ms - 1ns) == "2026-11-21T09:12:44.999Z");
    CHECK(to_timestamp(first) == "2026-11-21T09:12:44.120Z");
    CHECK(to_date_time(first + 880ms) == "Sat, 21 Nov 2026 09:12:45 +0000");
    CHECK(to_date_time(first) == "Sat, 21 Nov 2026 09:12:44 +0000");
    CHECK(to_date_time(first + 240h) == "Tue, 1 Dec 2026 09:12:44 +0000");
    CHECK(to_date_time(first) == "Sat, 21 Nov 2026 09:12:44 +0000");
}

TEST_CASE("durations in words") {
    CHECK(to_words(-5s) == "less than a minute");
    CHECK(to_words(59s) == "less than a minute");
    CHECK(to_words(60s) == "1 minute");
    CHECK(to_words(119min) == "119 minutes");
    CHECK(to_words(2h) == "2 hours");
    CHECK(to_words(47h + 59min) == "47 hours");
    CHECK(to_words(120h) == "5 days");
}

TEST_CASE("date and time: short words for a column") {
    CHECK(to_short_words(-5s) == "0 s");
    CHECK(to_short_words(119s) == "119 s");
    CHECK(to_short_words(120s) == "2 min");
    CHECK(to_short_words(119min) == "119 min");
    CHECK(to_short_words(47h) == "47 h");
    CHECK(to_short_words(48h) == "2 d");
}
