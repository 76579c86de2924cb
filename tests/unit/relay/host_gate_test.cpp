#include "relay/host_gate.hpp"

#include <catch2/catch.hpp>

using splitmx::relay::HostGate;
using splitmx::relay::HostGates;

TEST_CASE("host gate: no more places than configured, and whoever waits is woken once") {
    HostGate gate(1);
    int const first = 0;
    int const second = 0;
    int woken = 0;
    REQUIRE(gate.enter(&first, [] {}));
    CHECK_FALSE(gate.is_wanted());
    REQUIRE_FALSE(gate.enter(&second, [&] { ++woken; }));
    REQUIRE_FALSE(gate.enter(&second, [&] { ++woken; }));
    CHECK(gate.is_wanted());
    gate.leave();
    CHECK(woken == 1);
    CHECK_FALSE(gate.is_wanted());
    CHECK(gate.enter(&second, [] {}));
    gate.leave();
    CHECK(woken == 1);
}

TEST_CASE("host gates: one for each host, with its own limit") {
    HostGates gates({{"notes", 2}});
    auto const notes = gates.gate("notes");
    CHECK(gates.gate("notes") == notes);
    CHECK(notes->enter(nullptr, [] {}));
    CHECK(notes->enter(nullptr, [] {}));
    CHECK_FALSE(notes->enter(nullptr, [] {}));
    auto const other = gates.gate("mx:example.net");
    for (unsigned i = 0; i < HostGates::default_limit; ++i) CHECK(other->enter(nullptr, [] {}));
    CHECK_FALSE(other->enter(nullptr, [] {}));
}
