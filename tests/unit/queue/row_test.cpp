#include "queue/row.hpp"

#include "support/result_text.hpp"

#include <catch2/catch.hpp>

#include "people.hpp"

using namespace splitmx;

namespace {

spool::QueueItem item() {
    spool::QueueItem item;
    item.id = spool::SpoolId(7);
    item.arrived = test::noon;
    item.from = mail::ReversePath::parse("ann@example.com").value();
    item.size = 2311;
    item.client = "mx.example[192.0.2.1]";
    spool::QueuedRecipient recipient;
    recipient.rcpt = "carl@contoso.com";
    recipient.original = "Carl@Contoso.com";
    recipient.hop = "host:notes";
    recipient.kind = "custom_recipient";
    recipient.entry = "cn=Carl,dc=adatum,dc=com";
    recipient.next_attempt = test::noon;
    item.recipients.push_back(recipient);
    return item;
}

}  // namespace

TEST_CASE("a message stands where its envelope says") {
    auto message = item();
    CHECK(queue::make_row(message, false).place == queue::Place::incoming);
    message.recipients[0].last_status = mail::Status(451, {4, 3}, "directory");
    CHECK(queue::make_row(message, false).place == queue::Place::deferred);
    message.held = "legal";
    CHECK(queue::make_row(message, false).place == queue::Place::hold);
    CHECK(queue::make_row(message, false).note == "legal");
    CHECK(queue::make_row(message, true).place == queue::Place::active);
}

TEST_CASE("a row has what an operator asks for") {
    auto message = item();
    message.recipients[0].attempts = 2;
    message.recipients[0].last_status = mail::Status(451, {3, 2}, "try later");
    message.recipients[0].last_host = "notes1[10.0.0.9]:25";
    auto const row = queue::make_row(message, false);
    CHECK(row.sender == "ann@example.com");
    auto const& recipient = row.recipients.at(0);
    CHECK(recipient.host == "notes");
    CHECK(recipient.last_answer == "451 4.3.2 try later");
    CHECK(recipient.last_host == "notes1[10.0.0.9]:25");
    CHECK(recipient.next_attempt == test::noon);
    message.recipients[0].state = spool::RecipientState::failed;
    CHECK_FALSE(queue::make_row(message, false).recipients.at(0).next_attempt);
}

TEST_CASE("hosts are called as the configuration and the log call them") {
    CHECK(queue::host_name("host:notes") == "notes");
    CHECK(queue::host_name("mx:example.net") == "mx:example.net");
    CHECK(queue::host_name("mbx1.adatum.com:25") == "mbx1.adatum.com:25");
    CHECK(queue::host_name("").empty());
}

TEST_CASE("a message that was set aside keeps what can be read of it") {
    spool::DamagedMessage damaged;
    damaged.id = spool::SpoolId(9);
    damaged.since = test::noon;
    damaged.reason = "body does not match its checksum";
    damaged.body_octets = 300;
    auto row = queue::make_row(damaged);
    CHECK(row.place == queue::Place::damaged);
    CHECK(row.arrived == test::noon);
    CHECK(row.recipients.empty());
    damaged.item = item();
    row = queue::make_row(damaged);
    CHECK(row.id == spool::SpoolId(9));
    CHECK(row.note == "body does not match its checksum");
    CHECK(row.size == 300);
    REQUIRE(row.recipients.size() == 1);
    CHECK_FALSE(row.recipients[0].next_attempt);
}

TEST_CASE("rows come back from their JSON") {
    for (auto const& row : test::some_rows()) {
        auto const line = to_json(row);
        INFO(line);
        CHECK(line.find('\n') == std::string::npos);
        CHECK(queue::from_json(line).value() == row);
    }
    CHECK(
        to_json(test::some_rows()[0]) ==
        R"({"queue_name":"active","queue_id":"0000000001","arrival_time":1699999160,"message_size":12000,)"
        R"("sender":"bob@example.net","report":false,"recipients":[{"address":"carl@contoso.com",)"
        R"("original":"carl@contoso.com","host":"notes","kind":"custom_recipient","state":"pending",)"
        R"("attempts":2,"next_attempt":1700000240,"last_answer":"451 4.3.2 try later"}]})"
    );
}

TEST_CASE("octets that are no text cannot break the JSON") {
    auto row = test::some_rows()[0];
    row.recipients[0].last_answer = "550 \xff\r\n\"x\"";
    auto const back = queue::from_json(to_json(row)).value();
    CHECK(back.recipients[0].last_answer == "550 \\xFF\\x0D\\x0A\"x\"");
}

TEST_CASE("JSON that is no row is refused with the member that is wrong") {
    auto const good = to_json(test::some_rows()[0]);
    auto const wrong = [&](std::string const& from, std::string const& to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        auto const row = queue::from_json(text);
        return row ? std::string() : row.error().what;
    };
    CHECK(wrong("\"active\"", "\"gone\"") == "a row with a wrong \"queue_name\"");
    CHECK(wrong("0000000001", "!") == "a row with a wrong \"queue_id\"");
    CHECK(wrong("1699999160", "-1") == "a row with a wrong \"arrival_time\"");
    CHECK(wrong("1699999160", "9300000000") == "a row with a wrong \"arrival_time\"");
    CHECK(wrong("12000", "\"big\"") == "a row with a wrong \"message_size\"");
    CHECK(wrong("\"attempts\":2", "\"attempts\":{}") == "a row with a wrong \"recipients\"");
    CHECK(wrong("\"sender\"", "\"from\"") == "a row with a wrong \"sender\"");
    CHECK_FALSE(queue::from_json("[]"));
    CHECK_FALSE(queue::from_json("{"));
}
