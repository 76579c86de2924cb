#include "spool/clock_jumps.hpp"

#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;
using namespace std::chrono_literals;

TEST_CASE("mail keeps its age when the clock is set") {
    ClockJumps jumps;
    CHECK(jumps.arrival(SpoolId(7), at(0s)) == at(0s));

    jumps.add(144h, SpoolId(10));
    CHECK(jumps.arrival(SpoolId(10), at(0s)) == at(144h));
    CHECK(jumps.arrival(SpoolId(11), at(144h)) == at(144h));  // came after it

    // Mended: what was there all the time is as old as it is, what came in between, too.
    jumps.add(-144h, SpoolId(20));
    CHECK(jumps.arrival(SpoolId(10), at(0s)) == at(0s));
    CHECK(jumps.arrival(SpoolId(11), at(144h)) == at(0s));
    CHECK(jumps.arrival(SpoolId(21), at(1s)) == at(1s));
}

TEST_CASE("mail of an earlier run that came from the future has just arrived") {
    ClockJumps jumps(at(0s), SpoolId(10));
    CHECK(jumps.arrival(SpoolId(10), at(24h)) == at(0s));
    CHECK(jumps.arrival(SpoolId(10), at(-1h)) == at(-1h));
    CHECK(jumps.arrival(SpoolId(11), at(1h)) == at(1h));  // came in this run

    // And keeps that age.
    jumps.add(48h, SpoolId(20));
    CHECK(jumps.arrival(SpoolId(10), at(24h)) == at(48h));
}

TEST_CASE("a clock that is set all the time takes no memory without end") {
    ClockJumps jumps;
    for (std::size_t i = 0; i < 10 * ClockJumps::most_jumps; ++i) jumps.add(1s, SpoolId(10));
    CHECK(jumps.arrival(SpoolId(1), at(0s)) == at(1s * ClockJumps::most_jumps));
}
