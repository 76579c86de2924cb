#include "smtp/net/watchdog.hpp"

#include "support/loopback.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <catch2/catch.hpp>

#include <array>

namespace splitmx::smtp::net {

using namespace test;
using namespace std::chrono_literals;

namespace {

awaitable<ErrorCode> read_error(Connection& connection) {
    std::array<char, 16> block;
    auto const got = co_await connection.read_some(block);
    co_return got ? ErrorCode() : got.error();
}

awaitable<bool> pause(mail::Duration length) {
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    auto const [error] = co_await timer.async_wait(token);
    co_return !error;
}

// Something happens every `step`, and each time the deadline moves.
awaitable<int> keep_alive(Watchdog& watchdog, mail::Duration limit, int steps) {
    int done = 0;
    for (; done < steps && !watchdog.expired(); ++done) {
        watchdog.set(limit);
        co_await pause(1ms);
    }
    co_return done;
}

Connection adopt(asio::io_context& loop, FileDescriptor socket) {
    auto connection = Connection::adopt(loop.get_executor(), std::move(socket));
    REQUIRE(connection.has_value());
    return std::move(*connection);
}

}  // namespace

TEST_CASE("Watchdog: a silent peer is cut off when the deadline passes") {
    asio::io_context loop(1);
    auto pair = tcp_pair();
    auto connection = adopt(loop, std::move(pair.ours));
    Watchdog watchdog(connection);
    watchdog.set(50ms);
    CHECK_FALSE(watchdog.expired());
    CHECK(run(loop, read_error(connection)) == asio::error::timed_out);
    CHECK(watchdog.expired());
    CHECK_FALSE(connection.is_open());
    CHECK(receive_plain(pair.theirs) == "");
}

TEST_CASE("Watchdog: a deadline that keeps moving never passes") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    CHECK(run(loop, keep_alive(watchdog, 60s, 20)) == 20);
    CHECK(expiries == 0);
}

TEST_CASE("Watchdog: a nearer deadline replaces a farther one, and the timer with it") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    watchdog.set(1h);
    watchdog.set(5ms);
    loop.run();
    CHECK(expiries == 1);
    CHECK(watchdog.expired());
}

TEST_CASE("Watchdog: a deadline moved away is looked at again when the old one fires") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    watchdog.set(5ms);
    watchdog.set(1h);
    CHECK(run(loop, pause(30ms)));
    CHECK(expiries == 0);
    watchdog.set(5ms);
    loop.restart();
    loop.run();
    CHECK(expiries == 1);
}

TEST_CASE("Watchdog: a cleared deadline does not count") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    watchdog.set(5ms);
    watchdog.clear();
    loop.run();
    CHECK(expiries == 0);
    CHECK_FALSE(watchdog.expired());
}

TEST_CASE("Watchdog: a limit beyond the clock is none") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    watchdog.set(mail::Duration::max());
    loop.run();
    CHECK(expiries == 0);
}

TEST_CASE("Watchdog: an operation has its own limit, however busy the peer is") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    auto const limit = watchdog.limit_operation(20ms);
    CHECK(run(loop, keep_alive(watchdog, 60s, 100'000)) < 100'000);
    CHECK(expiries == 1);
}

TEST_CASE("Watchdog: the limit of an operation ends with it") {
    asio::io_context loop(1);
    int expiries = 0;
    Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
    { auto const limit = watchdog.limit_operation(5ms); }
    loop.run();
    CHECK(expiries == 0);
}

TEST_CASE("Watchdog: one that is gone does nothing, even when its timer was due") {
    asio::io_context loop(1);
    int expiries = 0;
    {
        Watchdog watchdog(loop.get_executor(), [&] { ++expiries; });
        watchdog.set(mail::Duration(0));
    }
    loop.run();
    CHECK(expiries == 0);
}

}  // namespace splitmx::smtp::net
