#include "relay/login_guard.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace splitmx;
using relay::LoginGuard;

namespace {

mail::IpAddress address(std::string const& text) { return *mail::IpAddress::parse(text); }

LoginGuard::Time at(std::chrono::seconds after) { return LoginGuard::Time(after); }

}  // namespace

TEST_CASE("A client that fails too often is not heard for ten minutes") {
    using namespace std::chrono_literals;
    LoginGuard guard;
    auto const guesser = address("192.0.2.1");
    for (int i = 0; i < 3; ++i) {
        CHECK(guard.may_try(guesser, 3, at(0s)));
        guard.failed(guesser, at(0s));
    }
    CHECK_FALSE(guard.may_try(guesser, 3, at(0s)));
    CHECK(guard.may_try(address("192.0.2.2"), 3, at(0s)));
    CHECK_FALSE(guard.may_try(guesser, 3, at(599s)));
    CHECK(guard.may_try(guesser, 3, at(600s)));
    guard.failed(guesser, at(601s));
    CHECK(guard.may_try(guesser, 3, at(602s)));  // all before is forgotten
}

TEST_CASE("Whoever gets in begins anew") {
    LoginGuard guard;
    auto const client = address("192.0.2.1");
    guard.failed(client, {});
    guard.succeeded(client);
    CHECK(guard.may_try(client, 1, {}));
}

TEST_CASE("An IPv6 network of 64 bits is one client") {
    LoginGuard guard;
    guard.failed(address("2001:db8::1"), {});
    CHECK_FALSE(guard.may_try(address("2001:db8::ffff"), 1, {}));
    CHECK(guard.may_try(address("2001:db8:0:1::1"), 1, {}));
}

TEST_CASE("The memory for clients is bounded, the newest stay") {
    LoginGuard guard;
    for (std::size_t i = 0; i < relay::login_clients + 10; ++i) {
        auto const time = at(std::chrono::seconds(1)) + std::chrono::milliseconds(i);
        guard.failed(address(fmt::format("10.{}.{}.1", i / 250, i % 250)), time);
    }
    CHECK(guard.may_try(address("10.0.0.1"), 1, at(std::chrono::seconds(20))));
    auto const last = relay::login_clients + 9;
    CHECK_FALSE(guard.may_try(
        address(fmt::format("10.{}.{}.1", last / 250, last % 250)), 1, at(std::chrono::seconds(20))
    ));
}
