#include "relay/history_feed.hpp"

#include "support/every_event.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::relay;
using history::Kind;

namespace {

mail::Instant const now{std::chrono::milliseconds(1795252364120)};

resolver::Decision decision_to(char const* rcpt) {
    auto host = std::make_shared<resolver::Host>();
    host->name = "notes";
    resolver::Decision decision;
    decision.verdict = resolver::Verdict::deliver;
    decision.reason = mail::Reason::custom_recipient;
    decision.routes.push_back(
        {*mail::ForwardPath::parse(rcpt),
         "carl@contoso.com",
         resolver::RouteKind::custom_recipient,
         host,
         resolver::EntryName{"cn=Carl", "cn=carl"}}
    );
    return decision;
}

}  // namespace

TEST_CASE("history feed: a decision is kept as it was made") {
    auto const decision = decision_to("<c@foreign.example>");
    auto event = observe::recipient_decided("I1", "carl@contoso.com", decision);
    event.session = "S1";
    event.from = *mail::ReversePath::parse("<bob@example.net>");
    event.client = *mail::IpAddress::parse("192.0.2.10");
    auto const records = records_of(event, "0a1b2c3d", now);
    REQUIRE(records.size() == 2);
    CHECK(records[0].kind == Kind::resolve);
    CHECK(records[0].id == "I1");
    CHECK(records[0].sender == "bob@example.net");
    CHECK(records[0].original == "carl@contoso.com");
    CHECK(records[0].host == "notes");
    CHECK(records[0].reply == "custom_recipient");
    CHECK(records[0].client == "192.0.2.10");
    CHECK(records[0].config == "0a1b2c3d");
    auto const kept = boost::json::parse(records[0].decision).as_object();
    CHECK(kept.at("verdict").as_string() == "deliver");
    CHECK(kept.at("routes").as_array().at(0).as_object().at("entry").as_string() == "cn=Carl");
    CHECK(records[1].kind == Kind::redirect);
    CHECK(records[1].recipient == "c@foreign.example");
    CHECK(records[1].original == "carl@contoso.com");
    CHECK(records[1].host == "notes");
}

TEST_CASE("history feed: an operator's move is a redirection with its name") {
    observe::RecipientMoved const event{"I1", "c@n.com", "carl@c.com", "notes", "europe", "anna"};
    auto const records = records_of(event, "0a1b2c3d", now);
    REQUIRE(records.size() == 1);
    CHECK(records[0].kind == Kind::redirect);
    CHECK(records[0].recipient == "c@n.com");
    CHECK(records[0].original == "carl@c.com");
    CHECK(records[0].host == "europe");
    CHECK(records[0].reply == "moved from notes by anna");
}

TEST_CASE("history feed: kinds of events") {
    struct Row {
        observe::Event event;
        Kind kind;
        char const* reply;
    };
    observe::DeliveryAttempted attempted{
        "I1", "c@n.com", "c@c.com", "h", {250, {0, 0}, "ok"}, {}, "n"};
    auto deferred = attempted;
    deferred.status = {451, {3, 2}, "later"};
    auto failed = attempted;
    failed.status = {550, {1, 1}, "no"};
    observe::ReportSent const report{
        "I2", "I1", {}, observe::ReportKind::failed, {}, mail::Reason::loop, 9};
    std::vector<Row> const rows{
        {attempted, Kind::send, "250 2.0.0 ok"},
        {deferred, Kind::defer, "451 4.3.2 later"},
        {failed, Kind::fail, "550 5.1.1 no"},
        {report, Kind::dsn, "failed loop"},
        {observe::ReportSuppressed{"I1", "a@b.c", {550, {1, 1}, "no"}}, Kind::drop, "550 5.1.1 no"},
        {observe::ReportSuppressed{"I1", "a@b.c", {554, {0, 0}, "gone"}, false, "admin"},
         Kind::drop,
         "554 5.0.0 gone by admin"},
        {observe::MessageSetAside{"I1", "torn"}, Kind::drop, "damaged: torn"},
    };
    for (auto const& row : rows) {
        auto const records = records_of(row.event, "", now);
        REQUIRE(records.size() == 1);
        CHECK(records[0].kind == row.kind);
        CHECK(records[0].id == "I1");
        CHECK(records[0].reply == row.reply);
        CHECK(records[0].at == now);
    }
    CHECK(records_of(report, "", now)[0].related == "I2");
}

TEST_CASE("history feed: without people, no record has a local part") {
    auto const decision = decision_to("<secret@foreign.example>");
    auto decided = observe::recipient_decided("I1", "secret@contoso.com", decision);
    decided.from = *mail::ReversePath::parse("<secret@example.net>");
    auto events = support::every_event("secret@contoso.com");
    events.emplace_back(decided);
    std::size_t seen = 0;
    for (auto const& event : events) {
        for (auto record : records_of(event, "0a1b2c3d", now)) {
            hide_people(record);
            ++seen;
            for (auto const& text :
                 {record.sender, record.recipient, record.original, record.decision}) {
                INFO(history::to_text(record.kind));
                CHECK(text.find("secret") == std::string::npos);
            }
        }
    }
    CHECK(seen > 8);
}
