#include "control/record_json.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using history::Record;

TEST_CASE("records: every octet arrives") {
    Record record;
    record.at = mail::Instant(std::chrono::milliseconds(1795252364120));
    record.kind = history::Kind::defer;
    record.size = 2311;
    record.sender = "b\xf6" "b@example.net";
    std::string Record::*const texts[]{
        &Record::id,     &Record::session, &Record::recipient, &Record::original, &Record::host,
        &Record::reply,  &Record::client,  &Record::related,   &Record::decision, &Record::config};
    char next = 'a';
    for (auto const text : texts) record.*text = std::string("\\x41 \"\n\xff") + next++;
    auto const line = control::json::serialize(control::to_wire(record));
    auto const read = control::read_record(control::json::parse(line).as_object());
    CHECK(read.at == record.at);
    CHECK(read.kind == record.kind);
    CHECK(read.size == record.size);
    CHECK(read.sender == record.sender);
    for (auto const text : texts) CHECK(read.*text == record.*text);
}

TEST_CASE("records: what is missing is empty") {
    auto const read = control::read_record({});
    CHECK(read.id.empty());
    CHECK(read.size == 0);
}
