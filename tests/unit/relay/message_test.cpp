#include "relay/message.hpp"

#include "relay/hop.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

// As the directory says it: of one entry for each address, whatever its case.
resolver::Decision decision_to(
    std::vector<std::string> const& rcpts, resolver::RouteKind kind = resolver::RouteKind::mailbox
) {
    auto host = std::make_shared<resolver::Host>();
    host->name = "mbx1.adatum.com:25";
    resolver::Decision decision;
    decision.verdict = resolver::Verdict::deliver;
    for (auto const& rcpt : rcpts) {
        decision.routes.push_back({mail::ForwardPath::parse(rcpt).value(), "typed", kind, host, {}}
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

TEST_CASE("message: in a domain of others two spellings are two mailboxes") {
    resolver::RoutingTable const table;
    auto const kind = GENERATE(resolver::RouteKind::relay, resolver::RouteKind::unknown);
    spool::QueueItem item;
    for (std::string const rcpt :
         {"Bob@legacy.example", "bob@legacy.example", "Bob@legacy.example"})
        relay::add_recipients(item, rcpt, decision_to({rcpt}, kind), table);
    relay::drop_repeated_recipients(item);
    REQUIRE(item.recipients.size() == 2);
    CHECK(item.recipients[0].rcpt == "Bob@legacy.example");
    CHECK(item.recipients[1].rcpt == "bob@legacy.example");
    // The same address, once by the directory and once as it was typed.
    relay::add_recipients(
        item,
        "robert@adatum.com",
        decision_to({"bob@legacy.example"}, resolver::RouteKind::custom_recipient),
        table
    );
    relay::drop_repeated_recipients(item);
    REQUIRE(item.recipients.size() == 2);
    CHECK(item.recipients[1].expanded);
}

TEST_CASE("message: two entries whose targets differ in case are two") {
    resolver::RoutingTable const table;
    spool::QueueItem item;
    for (std::string const name : {"Bob", "bob"}) {
        auto decision =
            decision_to({name + "@legacy.example"}, resolver::RouteKind::custom_recipient);
        decision.routes[0].entry = resolver::EntryName{"cn=" + name + " of the other", name};
        relay::add_recipients(item, name + "1@adatum.com", decision, table);
    }
    relay::drop_repeated_recipients(item);
    CHECK(item.recipients.size() == 2);
}

TEST_CASE("message: of two that are one, what either wants is told") {
    struct Row {
        std::string first;
        std::string second;
        std::string joined;
    };
    auto const row = GENERATE(
        Row{"", "", ""},
        Row{"NEVER", "NEVER", "NEVER"},
        Row{"NEVER", "SUCCESS,FAILURE", "SUCCESS,FAILURE"},
        Row{"FAILURE", "NEVER", "FAILURE"},
        Row{"NEVER", "", ""},
        Row{"FAILURE", "SUCCESS", "SUCCESS,FAILURE"},
        Row{"SUCCESS", "DELAY", "SUCCESS,DELAY"},
        Row{"", "SUCCESS", "SUCCESS,FAILURE,DELAY"}
    );
    INFO(row.first << " and " << row.second);
    auto const wish = [](std::string const& text) {
        return text.empty() ? mail::Notify() : *mail::Notify::parse(text);
    };
    resolver::RoutingTable const table;
    spool::QueueItem item;
    relay::add_recipients(
        item,
        "anna@adatum.com",
        decision_to({"anna@adatum.com"}),
        table,
        {wish(row.first), "rfc822;1"}
    );
    relay::add_recipients(
        item,
        "ANNA@adatum.com",
        decision_to({"ANNA@adatum.com"}),
        table,
        {wish(row.second), "rfc822;2"}
    );
    relay::drop_repeated_recipients(item);
    REQUIRE(item.recipients.size() == 1);
    auto const& recipient = item.recipients[0];
    CHECK(recipient.notify.to_wire() == row.joined);
    // A success is told of under the address for which it was asked.
    bool const second = row.first.find("SUCCESS") == row.first.npos &&
                        row.second.find("SUCCESS") != row.second.npos;
    CHECK(recipient.orcpt == (second ? "rfc822;2" : "rfc822;1"));
    CHECK(recipient.original == (second ? "ANNA@adatum.com" : "anna@adatum.com"));
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
