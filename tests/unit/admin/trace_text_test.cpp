// The history for people: what stands in a line, and how it breaks on 80 columns.
#include "admin/trace_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace splitmx;
using history::Kind;
using history::Record;

namespace {

mail::Instant const start{std::chrono::milliseconds(1795252364120)};  // 2026-11-21 09:12:44.120

Record record(Kind kind, std::chrono::milliseconds after, std::string reply = {}) {
    Record made;
    made.at = start + after;
    made.kind = kind;
    made.id = "8FQ2K7M1D4";
    made.recipient = "carl@contoso.com";
    made.original = made.recipient;
    made.host = "notes1.adatum.com[10.0.0.9]:25";
    made.reply = std::move(reply);
    return made;
}

std::vector<Record> story() {
    auto received = record(Kind::receive, std::chrono::milliseconds(0));
    received.sender = "bob@example.net";
    received.client = "192.0.2.10";
    received.size = 2311;
    return {
        received,
        record(Kind::defer, std::chrono::milliseconds(1310), "451 4.3.2 try later"),
        record(Kind::defer, std::chrono::milliseconds(61000), "451 4.3.2 try later")};
}

}  // namespace

TEST_CASE("trace: each event is a line, however long") {
    CHECK(
        admin::trace_text(story(), {}, {}) ==
        "8FQ2K7M1D4  2026-11-21\n"
        "09:12:44.120 RECEIVE   from 192.0.2.10  <bob@example.net>  2311 octets\n"
        "09:12:45.430 DEFER     carl@contoso.com at notes1.adatum.com[10.0.0.9]:25  451 4.3.2 try "
        "later\n"
        "09:13:45.120 DEFER     carl@contoso.com at notes1.adatum.com[10.0.0.9]:25  451 4.3.2 try "
        "later\n"
    );
}

TEST_CASE("trace: on a terminal what belongs together stays together") {
    admin::TraceLayout layout;
    layout.width = 80;
    auto told = story();
    told.push_back(record(Kind::fail, std::chrono::minutes(5), "550 " + std::string(70, 'x')));
    auto const text = admin::trace_text(told, {}, layout);
    CHECK(
        text.find("09:12:45.430 DEFER     carl@contoso.com at notes1.adatum.com[10.0.0.9]:25\n"
                  "                       451 4.3.2 try later\n") != std::string::npos
    );
    CHECK(
        text.find("\n                       550\n                       xxxx") != std::string::npos
    );
}

TEST_CASE("trace: the last attempt of a recipient tells when the next one is") {
    admin::NextTries const next{
        {{"8FQ2K7M1D4", "carl@contoso.com"}, start + std::chrono::minutes(5)}};
    auto records = story();
    auto const text = admin::trace_text(records, next, {});
    CHECK(text.ends_with("451 4.3.2 try later  next try 09:17:44\n"));
    CHECK(std::count(text.begin(), text.end(), 'y') == 3);  // "try" twice in answers, once here
    CHECK_FALSE(admin::next_try_of(records, 1, next));
    CHECK(admin::next_try_of(records, 2, next) == start + std::chrono::minutes(5));
    SECTION("on another day with its date") {
        admin::NextTries const later{
            {{"8FQ2K7M1D4", "carl@contoso.com"}, start + std::chrono::hours(24)}};
        CHECK(admin::trace_text(records, later, {}).ends_with("next try 2026-11-22 09:12:44\n"));
    }
    SECTION("not any more when it is delivered") {
        records.push_back(record(Kind::send, std::chrono::minutes(2), "250 2.0.0 ok"));
        CHECK(admin::trace_text(records, next, {}).find("next try") == std::string::npos);
    }
}

TEST_CASE("trace: a delivery tells how long it took, and how many tries") {
    auto records = story();
    records.push_back(record(Kind::send, std::chrono::milliseconds(62345), "250 2.0.0 ok"));
    CHECK(admin::trace_text(records, {}, {}).ends_with("250 2.0.0 ok  62.3 s after 3 tries\n"));
    records.back().at = start + std::chrono::minutes(14);
    CHECK(admin::trace_text(records, {}, {}).ends_with("14 min after 3 tries\n"));
    SECTION("of this recipient alone") {
        records[1].recipient = records[1].original = "kim@contoso.com";
        CHECK(admin::trace_text(records, {}, {}).ends_with("14 min after 2 tries\n"));
    }
    SECTION("not where it is not known when it came, nor whose tries they were") {
        auto without = records;
        without.erase(without.begin());
        CHECK(admin::trace_text(without, {}, {}).ends_with("250 2.0.0 ok\n"));
        for (auto& one : records) one.recipient = one.original = "*@contoso.com";
        CHECK(admin::trace_text(records, {}, {}).ends_with("250 2.0.0 ok\n"));
    }
}
