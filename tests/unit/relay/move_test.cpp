#include "relay/move.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace std::chrono_literals;
using relay::Move;

namespace {

mail::Instant const now(1'760'000'000s);

resolver::HostPtr host(std::string const& name, std::string const& address) {
    auto made = std::make_shared<resolver::Host>();
    made->name = name;
    made->addresses.push_back(
        resolver::HostAddress::parse(address, resolver::Protocol::smtp).value()
    );
    return made;
}

struct World {
    resolver::RoutingTable table;
    spool::QueueItem item;

    World() {
        table.hosts.emplace("notes", host("notes", "10.0.0.1:25"));
        table.hosts.emplace("europe", host("europe", "10.0.0.2:25"));
        item.from = mail::ReversePath::parse("ann@sender.example").value();
        item.client_address = mail::IpAddress::parse("192.0.2.7").value();
    }

    spool::QueuedRecipient& add(std::string const& rcpt, std::string const& hop) {
        spool::QueuedRecipient recipient;
        recipient.original = rcpt;
        recipient.rcpt = rcpt;
        recipient.hop = hop;
        recipient.attempts = 3;
        recipient.next_attempt = now + 1h;
        item.recipients.push_back(recipient);
        return item.recipients.back();
    }

    relay::Moved run(std::string const& to, queue::Filter filter = {}) const {
        return relay::move_recipients(item, Move{to, std::move(filter), "admin"}, table, now);
    }
};

using Indexes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("move: those who still have to get it, and are not there yet") {
    World world;
    world.add("carl@contoso.com", "host:notes");
    world.add("kim@contoso.com", "host:notes").state = spool::RecipientState::delivered;
    world.add("lee@contoso.com", "host:europe");
    world.add("zoe@contoso.com", "failed:unknown_recipient");
    auto const moved = world.run("europe");
    CHECK(moved.recipients == Indexes{0});
    CHECK_FALSE(moved.would_loop);
    auto const& carl = moved.item.recipients[0];
    CHECK(carl.hop == "host:europe");
    CHECK(carl.moved_from == "host:notes");
    CHECK(carl.attempts == 0);
    CHECK(carl.next_attempt == now);
    for (std::size_t i = 1; i < 4; ++i) CHECK(moved.item.recipients[i] == world.item.recipients[i]);
}

TEST_CASE("move: only whom the filter means") {
    World world;
    world.add("carl@contoso.com", "host:notes");
    world.add("kim@contoso.com", "mx:contoso.com");
    queue::Filter filter;
    SECTION("by address") {
        filter.to = {"kim@contoso.com"};
        CHECK(world.run("europe", filter).recipients == Indexes{1});
    }
    SECTION("by next hop") {
        filter.host = {"notes"};
        CHECK(world.run("europe", filter).recipients == Indexes{0});
    }
    SECTION("nobody") {
        filter.domain = {"adatum.com"};
        auto const moved = world.run("europe", filter);
        CHECK(moved.recipients.empty());
        CHECK(moved.item == world.item);
    }
}

TEST_CASE("move: twice, back by hand, and back to where the rules say") {
    World world;
    world.table.hosts.emplace("asia", host("asia", "10.0.0.3:25"));
    world.add("carl@contoso.com", "host:notes");
    world.item = world.run("europe").item;
    world.item = world.run("asia").item;
    CHECK(world.item.recipients[0].hop == "host:asia");
    CHECK(world.item.recipients[0].moved_from == "host:notes");
    SECTION("by hand") {
        auto const there = world.run("notes").item.recipients[0];
        CHECK(there.hop == "host:notes");
        CHECK(there.moved_from.empty());
    }
    SECTION("by the rules") {
        world.add("kim@contoso.com", "host:notes");  // never moved
        auto const moved = world.run("");
        CHECK(moved.recipients == Indexes{0});
        CHECK(moved.item.recipients[0].hop == "host:notes");
        CHECK(moved.item.recipients[0].moved_from.empty());
        CHECK(moved.item.recipients[0].next_attempt == now);
    }
}

TEST_CASE("move: mail stays when it came from there unchanged") {
    World world;
    world.item.client_address = mail::IpAddress::parse("10.0.0.2").value();
    world.add("carl@contoso.com", "host:notes");
    SECTION("it would loop") {
        auto const moved = world.run("europe");
        CHECK(moved.recipients.empty());
        CHECK(moved.would_loop);
        CHECK(moved.item == world.item);
    }
    SECTION("under another address it does not") {
        world.item.recipients[0].rcpt = "carl@notes.example";
        auto const moved = world.run("europe");
        CHECK(moved.recipients == Indexes{0});
        CHECK_FALSE(moved.would_loop);
    }
    SECTION("nor does a report, which was made here") {
        world.item.is_report = true;
        CHECK(world.run("europe").recipients == Indexes{0});
    }
    SECTION("a network of that system counts as well") {
        world.item.client_address = mail::IpAddress::parse("172.16.3.4").value();
        auto wide = std::make_shared<resolver::Host>(*world.table.hosts.at("europe"));
        wide->networks.push_back(mail::Network::parse("172.16.0.0/16").value());
        world.table.hosts.insert_or_assign("europe", wide);
        CHECK(world.run("europe").would_loop);
    }
}
