#include "relay/pressure.hpp"

#include <catch2/catch.hpp>

using namespace splitmx::relay;

TEST_CASE("pressure: depth, memory and disk each refuse more mail, at their limit") {
    splitmx::config::Queue queue;
    queue.max_messages = 1000;
    splitmx::config::Spool spool;
    spool.reserve = 64;
    struct Row {
        Pressure pressure;
        std::string why;  // empty: more is welcome
    };
    auto const most = most_waiting_octets;
    std::vector<Row> const rows{
        {{0, 0, 64}, ""},
        {{999, most, 64}, ""},
        {{1000, 0, 64}, "1000 messages in the queue, [queue] max_messages is 1000"},
        {{0, most + 1, 64}, "134217729 octets wait for the disk"},
        {{0, 0, 63}, "63 octets left on the disk of the spool, [spool] reserve is 64"},
    };
    for (auto const& row : rows) {
        CHECK(too_much(row.pressure, queue, spool).value_or("") == row.why);
    }
}
