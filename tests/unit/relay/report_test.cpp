#include "relay/report.hpp"

#include "relay/hop.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

resolver::RoutingTable const no_rules;
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
        relay::failed_recipients(settlement, {relay::Audience::outsider, no_rules}),
        relay::Audience::outsider,
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
    auto const recipients =
        relay::failed_recipients(settlement, {relay::Audience::insider, no_rules});
    REQUIRE(recipients.size() == 1);
    CHECK_FALSE(recipients[0].reason.has_value());
    CHECK(recipients[0].remote_mta == "notes1[10.0.0.9]:25");
    CHECK(recipients[0].diagnostic == "552 5.2.2 Mailbox full");
}

TEST_CASE("report: a host's reply without an enhanced code is quoted without one") {
    auto item = make_item();
    item.recipients[0].hop = "host:notes";
    auto const quoted = [&](mail::Status const& status, char const* host) {
        spool::Outcome const outcome{0, status, host, {}};
        auto const settlement = spool::settle(item, {&outcome, 1}, {}, {}, 0.5);
        auto const told =
            relay::failed_recipients(settlement, {relay::Audience::insider, no_rules});
        return told.at(0).diagnostic;
    };
    auto const* notes = "notes1[10.0.0.9]:25";
    CHECK(quoted(mail::Status::from_reply(552, "Too many"), notes) == "552 Too many");
    CHECK(quoted(mail::Status::from_reply(550, "4.7.1 No"), notes) == "550 4.7.1 No");
    CHECK(quoted(mail::Status::from_reply(550, "5.7.1 No"), notes) == "550 5.7.1 No");
    CHECK(quoted(mail::Status(550, {0, 0}, "Our words"), "") == "550 5.0.0 Our words");
}

TEST_CASE("report: no attempt is known of while an operator keeps the host stopped") {
    auto item = make_item();
    item.recipients[0].hop = "host:notes";
    auto const told = [&](mail::Status const& status, char const* host) {
        spool::Outcome const outcome{0, status, host, {}};
        mail::Instant const years_later{std::chrono::hours(24 * 365)};
        auto const settlement = spool::settle(item, {&outcome, 1}, years_later, {}, 0.5);
        return relay::failed_recipients(settlement, {relay::Audience::insider, no_rules}).at(0);
    };
    mail::Status const stopped(451, {3, 2}, "Mail for notes is stopped by its administrator");
    CHECK_FALSE(told(stopped, "").is_attempt_known);
    CHECK(told(stopped, "notes1[10.0.0.9]:25").is_attempt_known);
    CHECK(told({451, {4, 1}, "notes1: Connection refused"}, "").is_attempt_known);
}

TEST_CASE("report: whether the domain that was looked up is the one that was typed") {
    auto item = make_item();
    auto const goes_by_domain = [&](char const* hop) {
        item.recipients[0].hop = hop;
        mail::Status const unknown(550, {1, 2}, "Domain of the address does not exist");
        spool::Outcome const outcome{0, unknown, {}, {}};
        auto const settlement = spool::settle(item, {&outcome, 1}, {}, {}, 0.5);
        auto const told =
            relay::failed_recipients(settlement, {relay::Audience::outsider, no_rules});
        return told.at(0).goes_by_domain;
    };
    CHECK(goes_by_domain("mx:adatum.com"));
    CHECK_FALSE(goes_by_domain("mx:partner.example"));
    CHECK_FALSE(goes_by_domain("host:notes"));
}

TEST_CASE("report: outsiders learn nothing of a host of ours") {
    auto item = make_item();
    item.recipients[0].hop = "host:notes";
    spool::Outcome const outcome{
        0, mail::Status(552, {2, 2}, "notes1: disk of cn=secret full"), "notes1[10.0.0.9]:25", {}};
    auto settlement = spool::settle(item, {&outcome, 1}, {}, {}, 0.5);
    auto const told = relay::failed_recipients(settlement, {relay::Audience::outsider, no_rules});
    REQUIRE(told.size() == 1);
    CHECK(told[0].is_host_hidden);
    CHECK(told[0].remote_mta.empty());
    CHECK(told[0].diagnostic == "552 5.2.2 [hidden]: disk of [hidden] full");
    // A host that anybody finds in the DNS is no secret.
    settlement.failed[0].recipient.hop = "mx:example.org";
    auto const open = relay::failed_recipients(settlement, {relay::Audience::outsider, no_rules});
    CHECK_FALSE(open[0].is_host_hidden);
    CHECK(open[0].remote_mta == "notes1[10.0.0.9]:25");
}

TEST_CASE("report: what we saw happen is nobody's answer, and outsiders do not read where") {
    auto item = make_item();
    item.recipients[0].hop = "host:notes";
    item.recipients[0].last_status =
        mail::Status(451, {4, 2}, "notes1.inside[10.0.0.9]:25: Timed out waiting for the greeting");
    spool::Settlement settlement;
    settlement.item = item;
    settlement.delayed = {item.recipients[0]};
    spool::RetrySchedule const schedule;
    auto told =
        relay::delayed_recipients(settlement, schedule, {relay::Audience::insider, no_rules});
    REQUIRE(told.size() == 1);
    CHECK(told[0].is_own_account);
    CHECK(told[0].remote_mta.empty());
    CHECK(
        told[0].diagnostic ==
        "451 4.4.2 notes1.inside[10.0.0.9]:25: Timed out waiting for the greeting"
    );
    told = relay::delayed_recipients(settlement, schedule, {relay::Audience::outsider, no_rules});
    CHECK(told[0].is_host_hidden);
    CHECK(told[0].is_own_account);
    CHECK(told[0].diagnostic.find("10.0.0.9") == std::string::npos);
    CHECK(told[0].diagnostic.find("notes1") == std::string::npos);
    CHECK(told[0].diagnostic.find("Timed out waiting for the greeting") != std::string::npos);
}

TEST_CASE("report: who is an insider") {
    resolver::RoutingTable table;
    auto const add = [&](char const* domain, auto action) {
        table.acceptance.add({resolver::DomainPattern::parse(domain).value(), action, "x"});
    };
    add("adatum.com", resolver::Inbound{});
    add("old.example", resolver::Reroute{mail::Domain::parse("adatum.com").value()});
    add("sister.example", resolver::Relay{});
    auto const audience = [&](char const* sender) {
        return relay::audience_of(mail::ReversePath::parse(sender).value(), table);
    };
    CHECK(audience("<ann@mail.adatum.com>") == relay::Audience::insider);
    CHECK(audience("<ann@old.example>") == relay::Audience::insider);
    CHECK(audience("<ann@sister.example>") == relay::Audience::outsider);
    CHECK(audience("<ann@example.net>") == relay::Audience::outsider);
    CHECK(audience("<>") == relay::Audience::outsider);
}

TEST_CASE("report: NOTIFY, ENVID, ORCPT and RET are honoured") {
    auto item = make_item();
    item.recipients[0].orcpt = "rfc822;All+2BNews@adatum.com";
    item.recipients.push_back(item.recipients[0]);
    item.recipients[1].notify = mail::Notify::never();
    item.recipients[1].original = "silent@adatum.com";
    item.envelope_id = "QQ+20314";
    item.octets = spool::ContentOctets::seven_bit;
    item.returns = GENERATE(mail::ReturnContent::full, mail::ReturnContent::headers);
    std::string const original = "Subject: x\r\n\r\nthe text of it\r\n";
    item.size = original.size();
    std::vector<spool::Outcome> const outcomes{
        {0, mail::status_of(mail::Reason::disabled), {}, {}},
        {1, mail::status_of(mail::Reason::disabled), {}, {}}};
    auto const settlement = spool::settle(item, outcomes, {}, {}, 0.5);
    relay::ReportRequest const request{
        item,
        mail::DsnAction::failed,
        relay::failed_recipients(settlement, {relay::Audience::outsider, no_rules}),
        relay::Audience::outsider,
        original,
        us,
        postmaster};
    auto const report = relay::build_report(request, spool::SpoolId(7), {});
    auto const& text = *report->body;
    CHECK(text.find("\r\nOriginal-Envelope-Id: QQ 314\r\n") != std::string::npos);
    CHECK(
        text.find("\r\nOriginal-Recipient: rfc822; All+News@adatum.com\r\n") != std::string::npos
    );
    CHECK(text.find("silent@") == std::string::npos);
    bool const is_whole = item.returns == mail::ReturnContent::full;
    CHECK((text.find("the text of it") != std::string::npos) == is_whole);
    CHECK(report->item.octets == spool::ContentOctets::seven_bit);
    CHECK_FALSE(report->item.smtputf8);
}

TEST_CASE("report: to a UTF-8 address it goes by SMTPUTF8") {
    auto item = make_item();
    item.from = mail::ReversePath::parse("j\xC3\xB6rg@example.net").value();
    relay::ReportRequest const request{
        item,
        mail::DsnAction::expanded,
        {relay::expanded_recipient("all@adatum.com", {})},
        relay::Audience::outsider,
        "",
        us,
        postmaster};
    auto const report = relay::build_report(request, spool::SpoolId(7), {});
    CHECK(report->item.smtputf8);
    CHECK(report->item.octets == spool::ContentOctets::eight_bit_header);
    CHECK(report->body->find("message/global-delivery-status") != std::string::npos);
}

TEST_CASE("report: of a group insiders read the member, outsiders one line for all that look alike"
) {
    auto item = make_item();
    item.recipients[0].expanded = true;
    item.recipients.push_back(item.recipients[0]);
    item.recipients[1].rcpt = "uid=gone,o=adatum";
    auto delivered = item.recipients[0];
    delivered.state = spool::RecipientState::delivered;
    item.recipients.push_back(delivered);
    auto const refusal = mail::status_of(mail::Reason::disabled);
    std::vector<spool::Outcome> const outcomes{{0, refusal, {}, {}}, {1, refusal, {}, {}}};
    auto const settlement = spool::settle(item, outcomes, {}, {}, 0.5);
    auto const inside = relay::failed_recipients(settlement, {relay::Audience::insider, no_rules});
    REQUIRE(inside.size() == 2);
    CHECK(inside[0].final_recipient == "secret-member@adatum.com");
    CHECK(inside[1].final_recipient == "uid=gone,o=adatum");
    CHECK(inside[1].is_one_of_several);
    auto const outside =
        relay::failed_recipients(settlement, {relay::Audience::outsider, no_rules});
    REQUIRE(outside.size() == 1);
    CHECK(outside[0].final_recipient == "All@adatum.com");
    CHECK(outside[0].is_one_of_several);
}
