#include "relay/pulse.hpp"

#include <catch2/catch.hpp>

#include <thread>

using splitmx::relay::Pulse;
namespace asio = boost::asio;

TEST_CASE("pulse: a loop that does not turn is missed, until it does again") {
    asio::io_context main;
    asio::io_context turning;
    asio::io_context stuck;
    std::chrono::milliseconds const silence(50);
    Pulse pulse(main, {&turning, &stuck}, silence);
    CHECK(pulse.is_beating());
    std::this_thread::sleep_for(2 * silence);
    pulse.start();
    turning.poll();
    CHECK_FALSE(pulse.is_beating());
    Pulse without(main, {&turning}, std::chrono::hours(1));
    CHECK(without.is_beating());
    stuck.poll();
    turning.restart();
    // Asked again within a second, by the main loop.
    for (int i = 0; i < 600 && !pulse.is_beating(); ++i) {
        main.run_for(std::chrono::milliseconds(100));
        for (auto* loop : {&turning, &stuck}) {
            loop->restart();
            loop->poll();
        }
    }
    CHECK(pulse.is_beating());
    pulse.stop();
}
