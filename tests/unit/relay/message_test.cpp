#include "relay/message.hpp"

#include "relay/hop.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

resolver::Decision decision_to(std::vector<std::string> const& rcpts) {
    auto host = std::make_shared<resolver::Host>();
    host->name = "mbx1.adatum.com:25";
    resolver::Decision decision;
    decision.verdict = resolver::Verdict::deliver;
    for (auto const& rcpt : rcpts) {
        decision.routes.push_back(
            {mail::ForwardPath::parse(rcpt).value(),
             "typed",
             resolver::RouteKind::mailbox,
             host,
             {}}
        );
    }
    return decision;
}

}  // namespace

TEST_CASE("message: two addresses that lead to one mailbox give it one copy") {
    resolver::RoutingTable const table;
    spool::QueueItem item;
    relay::add_recipients(item, "anna@adatum.com", decision_to({"anna@adatum.com"}), table);
    relay::add_recipients(item, "a.adams@adatum.com", decision_to({"Anna@adatum.com"}), table);
    relay::add_recipients(item, "ben@adatum.com", decision_to({"ben@adatum.com"}), table);
    relay::drop_repeated_recipients(item);
    REQUIRE(item.recipients.size() == 2);
    CHECK(item.recipients[0].original == "anna@adatum.com");
    CHECK(item.recipients[1].rcpt == "ben@adatum.com");
    // Anna's copy stands for two addresses: neither of them alone may decide where it goes.
    CHECK(item.recipients[0].expanded);
    CHECK_FALSE(item.recipients[1].expanded);
}

TEST_CASE("message: the same address twice is not two addresses") {
    resolver::RoutingTable const table;
    spool::QueueItem item;
    relay::add_recipients(item, "anna@adatum.com", decision_to({"anna@adatum.com"}), table);
    relay::add_recipients(item, "anna@adatum.com", decision_to({"anna@adatum.com"}), table);
    relay::drop_repeated_recipients(item);
    REQUIRE(item.recipients.size() == 1);
    CHECK_FALSE(item.recipients[0].expanded);
}

TEST_CASE("message: members of a group and alternates are told from plain recipients") {
    resolver::RoutingTable const table;
    spool::QueueItem item;
    auto plain = decision_to({"anna@adatum.com"});
    relay::add_recipients(item, "anna@adatum.com", plain, table);
    auto group = decision_to({"ben@adatum.com"});
    group.reason = mail::Reason::group;
    relay::add_recipients(item, "all@adatum.com", group, table);
    relay::add_recipients(
        item, "boss@adatum.com", decision_to({"boss@adatum.com", "deputy@adatum.com"}), table
    );
    REQUIRE(item.recipients.size() == 4);
    CHECK_FALSE(item.recipients[0].expanded);
    CHECK(item.recipients[1].expanded);
    CHECK(item.recipients[2].expanded);
    CHECK(item.recipients[3].expanded);
}

TEST_CASE("message: what failed already goes nowhere, under its reason") {
    resolver::RoutingTable const table;
    spool::QueueItem item;
    auto decision = decision_to({"anna@adatum.com"});
    decision.failed.push_back(
        {"gone@adatum.com",
         mail::Reason::unknown_recipient,
         mail::status_of(mail::Reason::unknown_recipient)}
    );
    relay::add_recipients(item, "all@adatum.com", decision, table);
    REQUIRE(item.recipients.size() == 2);
    CHECK(item.recipients[0].kind == "mailbox");
    CHECK(item.recipients[1].hop == relay::failed_hop(mail::Reason::unknown_recipient));
    CHECK(item.recipients[1].original == "all@adatum.com");
    CHECK(item.recipients[0].expanded);
    CHECK(item.recipients[1].expanded);
}

TEST_CASE("message: accepted only to be returned") {
    resolver::RoutingTable const table;
    resolver::Decision decision;
    decision.verdict = resolver::Verdict::bounce;
    decision.reason = mail::Reason::unknown_recipient;
    spool::QueueItem item;
    relay::add_recipients(item, "zoe@ndr.example", decision, table);
    REQUIRE(item.recipients.size() == 1);
    CHECK(item.recipients[0].hop == "failed:unknown_recipient");
}

TEST_CASE("message: of several copies one tells of success, of a group none") {
    resolver::RoutingTable const table;
    relay::ReportWish const wish{*mail::Notify::parse("SUCCESS,FAILURE"), "rfc822;Anna@x"};
    spool::QueueItem item;
    relay::add_recipients(
        item, "anna@adatum.com", decision_to({"anna@adatum.com", "ben@adatum.com"}), table, wish
    );
    REQUIRE(item.recipients.size() == 2);
    CHECK(item.recipients[0].notify.to_wire() == "SUCCESS,FAILURE");
    CHECK(item.recipients[1].notify.to_wire() == "FAILURE");
    CHECK(item.recipients[0].orcpt == "rfc822;Anna@x");
    CHECK(item.recipients[1].orcpt == "rfc822;Anna@x");
    item.recipients.clear();
    auto group = decision_to({"ben@adatum.com"});
    group.reason = mail::Reason::group;
    relay::add_recipients(item, "all@adatum.com", group, table, wish);
    REQUIRE(item.recipients.size() == 1);
    CHECK(item.recipients[0].notify.to_wire() == "FAILURE");
}
