#include "spool/summary.hpp"

#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::spool;

namespace {

void check_same(Summary const& a, Summary const& b) {
    CHECK(a.id == b.id);
    CHECK(a.arrived == b.arrived);
    CHECK(a.size == b.size);
    CHECK(a.sender == b.sender);
    CHECK(a.is_report == b.is_report);
    CHECK(a.warning_sent == b.warning_sent);
    CHECK(a.is_held == b.is_held);
    REQUIRE(a.pending.size() == b.pending.size());
    for (std::size_t i = 0; i < a.pending.size(); ++i) {
        CHECK(a.pending[i].hop == b.pending[i].hop);
        CHECK(a.pending[i].attempts == b.pending[i].attempts);
        CHECK(a.pending[i].next_attempt == b.pending[i].next_attempt);
    }
}

QueueItem full_item() {
    auto item = sample_item(0x123456789a);
    item.size = 987654321;
    item.identity = "gateway";
    item.is_report = true;
    item.warning_sent = true;
    item.held = "by the operator";
    item.recipients[0].hop = "host:back\\slash\n";
    item.recipients[0].attempts = 7;
    item.recipients[0].last_status = mail::Status(450, {2, 1}, "line one\nline two");
    item.recipients.push_back(sample_recipient("cy@notes.example"));
    item.recipients[1].state = RecipientState::delivered;
    item.recipients.push_back(sample_recipient("dee@notes.example"));
    item.recipients.back().state = RecipientState::failed;
    return item;
}

}  // namespace

TEST_CASE("summary: of a record as of the item") {
    auto item = GENERATE(sample_item(1), full_item());
    auto const* sender = GENERATE("<>", "<a@example.com>", R"(<"a b\\c"@example.com>)");
    item.from = mail::ReversePath::parse(sender).value();
    SummaryReader from_record;
    SummaryReader from_item;
    auto const record = encode(item);
    // Twice: a reader keeps nothing of what it read before.
    for (auto const& one : {encode(full_item()), record}) REQUIRE(from_record.read(one));
    auto const summary = from_record.read(record);
    REQUIRE(summary);
    check_same(**summary, from_item.read(item));
    CHECK((*summary)->sender == item.from.to_wire());
    CHECK((*summary)->pending.size() == 2);
}

TEST_CASE("summary: damage is told as decode() does") {
    auto const record = encode(full_item());
    SummaryReader reader;
    for (std::size_t i = 0; i < record.size(); ++i) {
        auto flipped = record;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
        CHECK(failed_with(reader.read(flipped), Errc::damaged));
        CHECK(failed_with(reader.read(record.substr(0, i)), Errc::damaged));
    }
    REQUIRE(reader.read(record));
}
