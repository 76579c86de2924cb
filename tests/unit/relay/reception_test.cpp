#include "relay/reception.hpp"

#include "tests/support/temporary_directory.hpp"
#include "tests/unit/relay/relay_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace splitmx::relay {

TEST_CASE("clients that come all at once are shared among the loops") {
    support::TemporaryDirectory const directory;
    test::RelayFixture relay(directory.path(), 9);
    smtp::net::Admission admission(smtp::net::AdmissionLimits{});
    Reception const reception(relay.workers(), admission);

    // None of them has a session yet.
    std::vector<smtp::net::Seat> seats;
    for (int i = 0; i < 10; ++i) seats.push_back(reception.choose());
    for (auto* const worker : relay.workers()) CHECK(worker->load() == 5);

    // Places of one loop are free again: the next ones go there.
    auto const of = [](smtp::net::Seat const& seat) {
        return &boost::asio::query(seat.loop, boost::asio::execution::context);
    };
    auto* const first = of(seats.front());
    std::erase_if(seats, [&](auto const& seat) { return of(seat) == first; });
    for (int i = 0; i < 5; ++i) {
        seats.push_back(reception.choose());
        CHECK(of(seats.back()) == first);
    }
    seats.clear();
    for (auto* const worker : relay.workers()) CHECK(worker->load() == 0);
}

}  // namespace splitmx::relay
