#include "relay/meters.hpp"

#include <catch2/catch.hpp>

#include <numeric>

using namespace splitmx::relay;
using namespace std::chrono_literals;

TEST_CASE("meters: replies by code, the last line of each") {
    ReplyCounts replies;
    replies.add("250-relay1.adatum.com\r\n250-SIZE 1000\r\n250 DSN\r\n");
    replies.add("250 2.1.0 ok\r\n550 5.1.1 nobody\r\n");
    replies.add("no reply at all\r\n99\r\n999 odd\r\n");
    auto const counts = replies.counts();
    REQUIRE(counts.size() == 2);
    CHECK(counts[0].code == 250);
    CHECK(counts[0].count == 2);
    CHECK(counts[1].code == 550);
    CHECK(counts[1].count == 1);
}

TEST_CASE("meters: durations fall into their classes") {
    Durations durations;
    durations.add(5us);
    durations.add(1s);
    durations.add(1h);
    auto const sum = durations.sum();
    CHECK(sum.counts.front() == 1);
    CHECK(sum.counts[6] == 1);
    CHECK(sum.counts.back() == 1);
    CHECK(std::accumulate(sum.counts.begin(), sum.counts.end(), std::uint64_t{0}) == 3);
    CHECK(sum.seconds == Approx(3601.000005));
}
