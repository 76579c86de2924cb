#include "spool/queue_item.hpp"
#include "spool/summary.hpp"

#include "spool/checksum.hpp"
#include "tests/unit/spool/sample.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace splitmx;
using namespace splitmx::spool;

namespace {

// A record whose checksum is right whatever its lines are.
std::string sealed(std::string lines) {
    auto const sum = crc32c(lines);
    return lines + fmt::format("checksum: {:08x}\n", sum);
}

std::string lines_of(QueueItem const& item) {
    auto record = encode(item);
    record.resize(record.rfind("checksum: "));
    return record;
}

std::string every_octet() {
    std::string all;
    for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
    return all;
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const found = text.find(from);
    REQUIRE(found != std::string::npos);
    return text.replace(found, from.size(), to);
}

}  // namespace

TEST_CASE("queue item: every field comes back") {
    auto item = sample_item(0x123456789a);
    item.size = 987654321;
    item.body_kind = BodyKind::eight_bit;
    item.smtputf8 = true;
    item.octets = ContentOctets::eight_bit_header;
    item.returns = mail::ReturnContent::headers;
    item.envelope_id = "QQ+2B314";
    item.body_place = BodyPlace::file;
    item.checksum = 0xfedcba98;
    item.is_report = true;
    item.warning_sent = true;
    item.held = "damaged";
    item.client_address = mail::IpAddress::parse("2001:db8::1").value();
    item.identity = "";
    item.arrived += std::chrono::nanoseconds{1};
    item.recipients[0].state = RecipientState::failed;
    item.recipients[0].attempts = 7;
    item.recipients[0].last_status = mail::Status(450, {2, 1}, "line one\nline two");
    item.recipients[0].last_host = "mx.notes.example[192.0.2.7]";
    item.recipients[1].state = RecipientState::delivered;
    item.recipients[1].expanded = true;
    item.recipients[1].orcpt = "rfc822;Bob+2Bx@example.com";
    item.recipients[1].notify = *mail::Notify::parse("SUCCESS,DELAY");
    CHECK(decode(encode(item)).value() == item);
}

TEST_CASE("queue item: the record as an operator sees it") {
    auto const record = encode(sample_item(1));
    CHECK(record.starts_with("splitmx-item: 3\nid: 0000000001\narrived: 1767225600000000000\n"));
    CHECK(record.find("\nrecipient: ann@notes.example\n") != std::string::npos);
    CHECK(record.find("\nhop: host:notes\n") != std::string::npos);
}

TEST_CASE("queue item: only what an operator has moved needs a newer record") {
    auto item = sample_item(1);
    item.recipients[0].moved_from = "host:mailboxes";
    auto const record = encode(item);
    CHECK(record.starts_with("splitmx-item: 4\n"));
    CHECK(decode(record).value() == item);
    SummaryReader reader;
    auto const summary = reader.read(record);
    REQUIRE(summary);
    CHECK((*summary)->pending.front().hop == item.recipients[0].hop);
}

TEST_CASE("queue item: senders come back whatever their form") {
    auto const* path = GENERATE(
        "<>",
        "<a@example.com>",
        R"(<"a b\"c\\d@e"@example.com>)",
        R"(<""@example.com>)",
        "<a@[192.0.2.1]>",
        "<a@[IPv6:2001:db8::1]>",
        "<ä@example.com>"
    );
    INFO(path);
    auto item = sample_item(1);
    item.from = mail::ReversePath::parse(path).value();
    CHECK(decode(encode(item)).value() == item);
}

TEST_CASE("queue item: no octet of a value breaks the record") {
    auto const hostile = GENERATE(
        every_octet(),
        std::string("\nstate: delivered\n"),
        std::string("\r\nrecipient: evil@example.com\r\n"),
        std::string("\\x0A"),
        std::string("\\"),
        std::string(" leading and trailing "),
        std::string(100000, '\n')
    );
    auto item = sample_item(1);
    item.client = hostile;
    item.helo = hostile;
    item.listener = hostile;
    item.identity = hostile;
    item.held = hostile;
    for (auto& recipient : item.recipients) {
        recipient.original = hostile;
        recipient.rcpt = hostile;
        recipient.hop = hostile;
        recipient.moved_from = hostile;
        recipient.kind = hostile;
        recipient.entry = hostile;
        recipient.last_host = hostile;
        recipient.last_status = mail::Status(421, {}, hostile);
    }
    auto const decoded = decode(encode(item));
    REQUIRE(decoded);
    CHECK(*decoded == item);
}

TEST_CASE("queue item: records of every length are whole") {
    auto item = sample_item(1);
    auto const least = encode(item).size();
    for (std::size_t more = 0; more < 2500; ++more) {
        item.helo += 'a';
        auto const record = encode(item);
        REQUIRE(record.size() == least + more + 1);
        REQUIRE(decode(record).value() == item);
    }
}

TEST_CASE("queue item: every flipped bit and every cut is damage") {
    auto const record = encode(sample_item(1));
    for (std::size_t i = 0; i < record.size(); ++i) {
        auto flipped = record;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
        CHECK(failed_with(decode(flipped), Errc::damaged));
        CHECK(failed_with(decode(record.substr(0, i)), Errc::damaged));
    }
    CHECK(failed_with(decode(record + "\n"), Errc::damaged));
}

TEST_CASE("queue item: a whole record of a newer version is not called damaged") {
    auto const newer =
        sealed(replaced(lines_of(sample_item(1)), "splitmx-item: 3", "splitmx-item: 5"));
    auto const refused = decode(newer);
    REQUIRE(failed_with(refused, Errc::wrong_version));
    CHECK(refused.error().what == "record has version 5, this program knows 4");
}

TEST_CASE("queue item: deviations are refused even when the checksum is right") {
    struct Row {
        char const* name;
        char const* from;
        char const* to;
        char const* reason;
    };
    auto const row = GENERATE(values<Row>({
        {"another record", "splitmx-item:", "splitmx-iten:", "octet 0: field `splitmx-item`"},
        {"no version", "splitmx-item: 3", "splitmx-item: ", "number expected"},
        {"bad id", "id: 0000000001", "id: 000000000U", "no digit of base 32"},
        {"missing field", "size: 0\n", "", "field `size` expected"},
        {"twice", "size: 0\n", "size: 0\nsize: 0\n", "field `body` expected"},
        {"unknown word", "body: 7bit", "body: 9bit", "unknown word"},
        {"unknown state", "state: pending", "state: Pending", "unknown word"},
        {"flag", "warned: no", "warned: 0", "unknown word"},
        {"negative size", "size: 0", "size: -1", "number expected"},
        {"number with more", "size: 0", "size: 0 ", "number expected"},
        {"two spellings", "size: 0", "size: 00", "number expected"},
        {"too large", "size: 0", "size: 18446744073709551616", "number expected"},
        {"raw control", "helo: mx", "helo: m\tx", "not escaped"},
        {"half an escape", "helo: mx.example", "helo: mx\\x0", "not escaped"},
        {"lower case escape", "helo: mx", "helo: \\x0a", "not escaped"},
        {"needless escape", "helo: mx", "helo: \\x41", "not escaped"},
        {"bad domain", "from-domain: example.com", "from-domain: exa mple", "octet"},
        {"path in the null form", "from-local: sender", "from: <sender>", "null reverse-path"},
        {"unknown field", "recipient: ann", "recipients: ann", "unknown field"},
        {"unknown octets", "octets: unknown", "octets: 9bit", "unknown word"},
        {"bad NOTIFY", "notify: ", "notify: ALWAYS", "NOTIFY value"},
        {"NOTIFY of another spelling", "notify: ", "notify: DELAY,SUCCESS", "NOTIFY value"},
        {"bad address", "client-address: 192.0.2.1", "client-address: 192.0.2", "IP address"},
        {"two spellings of an address", "-address: 192.0.2.1", "-address: ::ffff:192.0.2.1", "IP"},
        {"joined lines", "last-host: \nrecipient", "last-host: recipient", "unknown field"},
    }));
    INFO(row.name);
    auto const refused = decode(sealed(replaced(lines_of(sample_item(1)), row.from, row.to)));
    REQUIRE(failed_with(refused, Errc::damaged));
    INFO(refused.error().what);
    CHECK(refused.error().what.find(row.reason) != std::string::npos);
}

TEST_CASE("queue item: a last line without an end") {
    auto lines = lines_of(sample_item(1));
    lines.pop_back();
    CHECK(failed_with(decode(sealed(lines)), Errc::damaged));
}
