#include "relay/reception.hpp"

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/relay/relay_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace splitmx::relay {

TEST_CASE("a client stays on the loop that has accepted it, while no other has much less to do") {
    support::TemporaryDirectory const directory;
    test::RelayFixture relay(directory.path(), 9);
    smtp::net::Admission admission(smtp::net::AdmissionLimits{});
    Reception const reception(relay.workers(), admission);
    auto const of = [](smtp::net::Seat const& seat) {
        return &boost::asio::query(seat.loop, boost::asio::execution::context);
    };
    auto const loads = [&] {
        return std::pair(relay.workers()[0]->load(), relay.workers()[1]->load());
    };

    // None of them has a session yet.
    std::vector<smtp::net::Seat> seats;
    for (std::size_t i = 0; i < 10; ++i) {
        seats.push_back(reception.choose(i % 2));
        CHECK(of(seats.back()) == &relay.workers()[i % 2]->loop());
    }
    CHECK(loads() == std::pair<std::size_t, std::size_t>(5, 5));

    // Whatever one of them accepts, the other gets its share.
    for (int i = 0; i < 30; ++i) seats.push_back(reception.choose(0));
    CHECK(loads() == std::pair<std::size_t, std::size_t>(22, 18));

    // Places of one loop are free again: the next ones go there.
    std::erase_if(seats, [&](auto const& seat) { return of(seat) == &relay.workers()[0]->loop(); });
    for (int i = 0; i < 14; ++i) {
        seats.push_back(reception.choose(1));
        CHECK(of(seats.back()) == &relay.workers()[0]->loop());
    }
    seats.clear();
    CHECK(loads() == std::pair<std::size_t, std::size_t>(0, 0));
}

}  // namespace splitmx::relay
