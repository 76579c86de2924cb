#include "ldap/net/back_off.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using splitmx::ldap::net::BackOff;

TEST_CASE("back-off: grows to its bound, within a quarter, and begins anew") {
    BackOff back_off(1s, 60s);
    for (int round = 0; round < 2; ++round) {
        auto expected = std::chrono::milliseconds(1s);
        for (int i = 0; i < 12; ++i) {
            auto const pause = back_off.next();
            CAPTURE(i, pause.count());
            CHECK(pause >= std::max<BackOff::Duration>(1s, expected * 3 / 4));
            CHECK(pause <= std::min<BackOff::Duration>(60s, expected * 5 / 4));
            expected = std::min<BackOff::Duration>(expected * 2, 60s);
        }
        back_off.reset();
    }
}
