#include "relay/report.hpp"

#include "relay/hop.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

std::string const us = "relay1.adatum.com";
mail::Mailbox const postmaster = mail::Mailbox::parse("postmaster@adatum.com").value();

spool::QueueItem make_item() {
    spool::QueueItem item;
    item.from = mail::ReversePath::parse("bob@example.net").value();
    spool::QueuedRecipient recipient;
    recipient.original = "All@adatum.com";
    recipient.rcpt = "secret-member@adatum.com";
    recipient.entry = "cn=secret,o=adatum";
    recipient.hop = relay::failed_hop(mail::Reason::disabled);
    item.recipients.push_back(recipient);
    return item;
}

}  // namespace

TEST_CASE("report: from nobody, to the sender, with the typed address and nothing from inside") {
    auto const item = make_item();
    spool::Outcome const outcome{0, mail::status_of(mail::Reason::disabled), {}, {}};
    auto const settlement = spool::settle(item, {&outcome, 1}, {}, {}, 0.5);
    REQUIRE(settlement.report_due);
    relay::ReportRequest const request{
        item,
        mail::DsnAction::failed,
        relay::failed_recipients(settlement),
        "Message-ID: <1@example.net>\r\nSubject: x\r\n\r\nbody that is not returned\r\n",
        us,
        postmaster};
    auto const report = relay::build_report(request, spool::SpoolId(7), {});
    CHECK(report->item.from.is_null());
    CHECK(report->item.is_report);
    REQUIRE(report->item.recipients.size() == 1);
    CHECK(report->item.recipients[0].rcpt == "bob@example.net");
    CHECK(report->item.recipients[0].hop.empty());
    auto const& text = *report->body;
    CHECK(text.find("postmaster@adatum.com") != std::string::npos);
    CHECK(text.find("All@adatum.com") != std::string::npos);
    CHECK(text.find("Status: 5.2.1") != std::string::npos);
    CHECK(text.find("In-Reply-To: <1@example.net>") != std::string::npos);
    CHECK(text.find("secret") == std::string::npos);
    CHECK(text.find("not returned") == std::string::npos);
}

TEST_CASE("report: what a host said stands as its own words") {
    auto item = make_item();
    item.recipients[0].hop = "host:notes";
    spool::Outcome const outcome{
        0, mail::Status(552, {2, 2}, "Mailbox full"), "notes1[10.0.0.9]:25", {}};
    auto const settlement = spool::settle(item, {&outcome, 1}, {}, {}, 0.5);
    auto const recipients = relay::failed_recipients(settlement);
    REQUIRE(recipients.size() == 1);
    CHECK_FALSE(recipients[0].reason.has_value());
    CHECK(recipients[0].remote_mta == "notes1[10.0.0.9]:25");
    CHECK(recipients[0].diagnostic == "552 5.2.2 Mailbox full");
}
