// Operations on a running queue, whose one host does not answer or hangs at will.
#include "relay/queue_desk.hpp"

#include "tests/unit/relay/hanging_host.hpp"
#include "tests/unit/relay/relay_fixture.hpp"

using namespace splitmx;
using namespace splitmx::relay;
using test::HangingHost;
using test::RelayFixture;
using Result = OperationResult;

TEST_CASE("queue desk: what waits is listed, held, released, returned and dropped") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    RelayFixture relay(directory.path(), host.port());
    CHECK(relay.pause("away", "so that reports stay here") == HostChange::done);
    auto const id = relay.submit();
    auto const other = relay.submit();
    relay.wait_until([&] { return relay.host("mailboxes").condition == HostCondition::down; });
    relay.wait_until([&] { return relay.snapshot().totals.deferred == 2; });
    auto const view = relay.host("mailboxes");
    CHECK(view.waiting == 2);
    CHECK(view.next_probe);
    CHECK(view.last_answer.starts_with("451 4.4.1 "));
    CHECK(relay.operate(spool::SpoolId(1), Drop{}) == Result::not_here);

    SECTION("hold and release") {
        CHECK(relay.operate(id, Release{}) == Result::not_held);
        CHECK(relay.operate(id, Hold{"legal"}) == Result::done);
        CHECK(relay.store().read(id)->held == "legal");
        CHECK(relay.operate(id, Retry{}) == Result::is_held);
        CHECK(relay.snapshot().totals.held == 1);
        CHECK(relay.host("mailboxes").waiting == 1);
        CHECK(relay.operate(id, Release{}) == Result::done);
        CHECK_FALSE(relay.store().read(id)->held);
        CHECK(relay.host("mailboxes").waiting == 2);
    }
    SECTION("drop") {
        CHECK(relay.operate(id, Drop{}) == Result::done);
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.operate(id, Drop{}) == Result::not_here);
        CHECK(relay.snapshot().totals.messages == 1);
        auto const line = id.to_text() + " remove    delivered=0 failed=1 ";
        relay.wait_until([&] { return relay.log_text().find(line) != std::string::npos; });
        CHECK(relay.store().read(other).has_value());
    }
    SECTION("drop and bounce end what is meant, and nothing else") {
        auto const three = relay.submit("host:mailboxes", {"bert@adatum.com", "cleo@adatum.com"});
        auto const is_left = [&](std::size_t i) {
            return relay.store().read(three)->recipients[i].state == spool::RecipientState::pending;
        };
        queue::Filter bert;
        bert.to = {"bert@adatum.com"};
        CHECK(relay.operate(three, Drop{bert, "admin"}) == Result::done);
        CHECK(is_left(0));
        CHECK_FALSE(is_left(1));
        CHECK(is_left(2));
        auto const dropped =
            three.to_text() + " drop      no report by=admin for bert@adatum.com: ";
        relay.wait_until([&] { return relay.log_text().find(dropped) != std::string::npos; });
        CHECK(relay.operate(three, Drop{bert, "admin"}) == Result::unmoved);
        queue::Filter cleo;
        cleo.to = {"cleo@adatum.com"};
        CHECK(relay.operate(three, Bounce{"", true, cleo, "admin"}) == Result::done);
        CHECK(is_left(0));
        CHECK_FALSE(is_left(2));
        relay.wait_until([&] { return relay.host("away").waiting == 1; });
        auto const failed = three.to_text() + " fail      cleo@adatum.com -> mailboxes delay=";
        auto const is_logged = [&](std::string const& text) {
            return relay.log_text().find(text) != std::string::npos;
        };
        relay.wait_until([&] { return is_logged(failed); });
        CHECK(is_logged("by=admin 554 5.0.0 Returned by an administrator"));
    }
    SECTION("bounce with a report") {
        CHECK(relay.operate(id, Bounce{"The mailbox is closed", true}) == Result::done);
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.snapshot().totals.messages == 2);
        relay.wait_until([&] { return relay.host("away").waiting == 1; });
    }
    SECTION("bounce without one, also of a held message") {
        CHECK(relay.operate(id, Hold{"legal"}) == Result::done);
        CHECK(relay.operate(id, Bounce{"The mailbox is closed", false}) == Result::done);
        CHECK_FALSE(relay.store().read(id).has_value());
        CHECK(relay.snapshot().totals.messages == 1);
    }
    SECTION("move to another host, and back") {
        CHECK(relay.operate(id, Move{"mailboxes", {}, "admin"}) == Result::unmoved);
        CHECK(relay.operate(id, Move{"away", {}, "admin"}) == Result::done);
        auto const moved = relay.store().read(id)->recipients[0];
        CHECK(moved.hop == "host:away");
        CHECK(moved.moved_from == "host:mailboxes");
        CHECK(relay.host("away").waiting == 1);
        CHECK(relay.host("mailboxes").waiting == 1);
        auto const line = id.to_text() + " move      anna@adatum.com -> away from=mailboxes by=admin";
        relay.wait_until([&] { return relay.log_text().find(line) != std::string::npos; });
        // Whoever changes, the operator's word stays.
        relay.move_anna("mailboxes");
        CHECK(relay.operate(id, Hold{"legal"}) == Result::done);
        CHECK(relay.operate(id, Release{}) == Result::done);
        CHECK(relay.store().read(id)->recipients[0].hop == "host:away");
        CHECK(relay.operate(id, Move{"", {}, "admin"}) == Result::done);
        CHECK(relay.store().read(id)->recipients[0].moved_from.empty());
        relay.wait_until([&] { return relay.host("mailboxes").waiting == 2; });
    }
    SECTION("retry goes ahead of the schedule, also when it must be decided again first") {
        relay.reload();
        host.serve();
        CHECK(relay.operate(id, Retry{}) == Result::done);
        relay.wait_until([&] { return host.is_hanging(); });
    }
    SECTION("retry goes ahead of the schedule") {
        host.serve();
        CHECK(relay.operate(id, Retry{}) == Result::done);
        relay.wait_until([&] { return host.is_hanging(); });
        CHECK(relay.host("mailboxes").condition == HostCondition::up);
    }
}

TEST_CASE("queue desk: what is in delivery cannot be taken back, what is left of it can") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    host.serve();
    RelayFixture relay(directory.path(), host.port());
    auto const id = relay.submit();
    relay.wait_until([&] { return host.is_hanging(); });
    CHECK(relay.snapshot().in_delivery == std::vector{id});
    CHECK(relay.host("mailboxes").in_delivery == 1);
    CHECK(relay.operate(id, Retry{}) == Result::in_delivery);

    SECTION("hold") {
        CHECK(relay.operate(id, Hold{"legal"}) == Result::in_delivery);
        CHECK_FALSE(relay.store().read(id)->held);
        host.release();
        relay.wait_until([&] { return relay.store().read(id)->held.has_value(); });
        CHECK(relay.snapshot().totals.held == 1);
        CHECK(relay.snapshot().in_delivery.empty());
    }
    SECTION("one after the other") {
        CHECK(relay.operate(id, Hold{"legal"}) == Result::in_delivery);
        CHECK(relay.operate(id, Move{"away", {}, "admin"}) == Result::in_delivery);
        host.release();
        relay.wait_until([&] { return relay.store().read(id)->recipients[0].hop == "host:away"; });
        CHECK(relay.store().read(id)->held == "legal");
    }
    SECTION("what is to be held can be released") {
        CHECK(relay.pause("away", "so that it stays where a test can look") == HostChange::done);
        CHECK(relay.operate(id, Release{}) == Result::not_held);
        CHECK(relay.operate(id, Hold{"legal"}) == Result::in_delivery);
        CHECK(relay.operate(id, Release{}) == Result::in_delivery);
        CHECK(relay.operate(id, Move{"away", {}, "admin"}) == Result::in_delivery);
        host.release();
        relay.wait_until([&] { return relay.store().read(id)->recipients[0].hop == "host:away"; });
        CHECK_FALSE(relay.store().read(id)->held);
    }
    SECTION("drop") {
        CHECK(relay.operate(id, Drop{}) == Result::in_delivery);
        host.release();
        relay.wait_until([&] { return relay.snapshot().totals.messages == 0; });
        CHECK_FALSE(relay.store().read(id).has_value());
    }
}

TEST_CASE("queue desk: people who change during a delivery are asked about again after it") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    host.serve();
    RelayFixture relay(directory.path(), host.port());
    CHECK(relay.pause("away", "so that it stays where a test can look") == HostChange::done);
    auto const id = relay.submit();
    relay.wait_until([&] { return host.is_hanging(); });
    // Her mailbox moves; what is under way goes by the old answer.
    relay.move_anna("away");
    CHECK(relay.store().read(id)->recipients[0].hop == "host:mailboxes");
    CHECK(relay.snapshot().in_delivery == std::vector{id});
    host.release();
    relay.wait_until([&] { return relay.store().read(id)->recipients[0].hop == "host:away"; });
    relay.wait_until([&] { return relay.host("away").waiting == 1; });
    CHECK(relay.host("mailboxes").waiting == 0);
    CHECK(host.taken() == 0);
}

TEST_CASE("queue desk: a pause outlives the relay") {
    support::TemporaryDirectory const directory;
    HangingHost host;
    {
        RelayFixture relay(directory.path(), host.port());
        CHECK(relay.pause("nobody", "") == HostChange::no_such_host);
        CHECK(relay.resume("mailboxes") == HostChange::unchanged);
        CHECK(relay.pause("mailboxes", "moving house") == HostChange::done);
        CHECK(relay.pause("mailboxes", "still moving") == HostChange::unchanged);
    }
    RelayFixture relay(directory.path(), host.port());
    auto const paused = relay.host("mailboxes");
    CHECK(paused.condition == HostCondition::paused);
    CHECK(paused.pause_reason == "still moving");
    host.serve();
    relay.submit();
    relay.wait_until([&] { return relay.host("mailboxes").waiting == 1; });
    CHECK(relay.snapshot().totals.deferred == 1);
    CHECK_FALSE(host.is_hanging());
    CHECK(relay.resume("mailboxes") == HostChange::done);
    relay.wait_until([&] { return host.is_hanging(); });
}
