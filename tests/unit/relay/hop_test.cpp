#include "relay/hop.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

resolver::HostPtr make_host(std::string name, std::string const& address) {
    auto host = std::make_shared<resolver::Host>();
    host->name = std::move(name);
    host->addresses.push_back(
        resolver::HostAddress::parse(address, resolver::Protocol::smtp).value()
    );
    return host;
}

}  // namespace

TEST_CASE("hop: every host comes back from its word") {
    resolver::RoutingTable table;
    auto const notes = make_host("notes", "10.0.0.9");
    auto const dotted = make_host("10.0.0.7:26", "10.0.0.8");
    table.hosts = {{"notes", notes}, {"10.0.0.7:26", dotted}};
    CHECK(relay::hop_of(*notes, table) == "host:notes");
    CHECK(relay::host_of("host:notes", table) == notes);
    CHECK(relay::host_of(relay::hop_of(*dotted, table), table) == dotted);

    for (auto const* name :
         {"mx:example.net", "mbx1.adatum.com:25", "[192.0.2.7]", "[2001:db8::1]:26"}) {
        CAPTURE(name);
        auto const host = make_host(name, name);
        auto const hop = relay::hop_of(*host, table);
        CHECK(hop == name);
        auto const back = relay::host_of(hop, table);
        REQUIRE(back);
        CHECK(back->addresses.at(0).text == name);
    }
    // An entry may name a host as [host.NAME] does without being it.
    CHECK(relay::hop_of(*make_host("notes", "10.0.0.1"), table) == "notes");
}

TEST_CASE("hop: a mistyped name is answered with the one that was meant") {
    resolver::RoutingTable table;
    table.hosts = {{"europe", make_host("europe", "10.0.0.9")}};
    CHECK(
        relay::no_such_host("eurpoe", table) ==
        "there is no host \"eurpoe\"; did you mean \"europe\"?"
    );
    CHECK(
        relay::no_such_host("x\n", table) ==
        "there is no host \"x\\x0A\"; splitmx host list names them"
    );
}

TEST_CASE("hop: what is gone or no host at all") {
    resolver::RoutingTable const table;
    CHECK_FALSE(relay::host_of("host:gone", table));
    CHECK_FALSE(relay::host_of("", table));
    CHECK_FALSE(relay::host_of("failed:loop", table));
    for (auto const& reason : mail::all_reasons()) {
        CHECK(relay::reason_of_failed_hop(relay::failed_hop(reason.reason)) == reason.reason);
    }
    CHECK_FALSE(relay::reason_of_failed_hop("host:notes"));
    CHECK_FALSE(relay::reason_of_failed_hop("failed:nonsense"));
}
