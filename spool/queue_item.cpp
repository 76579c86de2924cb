#include "spool/queue_item.hpp"

#include "spool/checksum.hpp"
#include "spool/record_lines.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace splitmx::spool {

namespace {

constexpr unsigned version = 1;
constexpr std::string_view first_field = "splitmx-item";

// The words of the enumerators, in their order.
constexpr std::array<std::string_view, 2> body_kinds{"7bit", "8bit"};
constexpr std::array<std::string_view, 2> body_places{"record", "file"};
constexpr std::array<std::string_view, 3> states{"pending", "delivered", "failed"};

template <std::size_t count, class Enum>
std::string_view word_of(std::array<std::string_view, count> const& words, Enum value) {
    return words[static_cast<std::size_t>(value)];
}

std::int64_t to_number(mail::Instant at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

mail::Instant to_instant(std::int64_t number) {
    return mail::Instant(
        std::chrono::duration_cast<mail::Instant::duration>(std::chrono::nanoseconds(number))
    );
}

void write_from(RecordWriter& out, mail::ReversePath const& from) {
    if (auto const& mailbox = from.mailbox()) {
        out.text("from-local", mailbox->local_part().to_wire());
        out.text("from-domain", mailbox->domain().text());
    } else {
        out.text("from", "<>");
    }
}

void write_status(RecordWriter& out, mail::Status const& status) {
    out.number("status-code", status.code);
    out.number("status-subject", status.enhanced.subject);
    out.number("status-detail", status.enhanced.detail);
    out.text("status-text", status.text);
}

void write_recipient(RecordWriter& out, QueuedRecipient const& recipient) {
    out.text("recipient", recipient.rcpt);
    out.text("original", recipient.original);
    out.text("hop", recipient.hop);
    out.text("kind", recipient.kind);
    out.text("entry", recipient.entry);
    out.text("state", word_of(states, recipient.state));
    out.number("attempts", recipient.attempts);
    out.number("next-attempt", to_number(recipient.next_attempt));
    if (recipient.last_status) write_status(out, *recipient.last_status);
    out.text("last-host", recipient.last_host);
}

// The two parts are kept apart and without limits: a path that was accepted must come back, even
// where its canonical form is longer than the form it came in.
mail::ReversePath read_from(RecordReader& in) {
    if (in.has("from")) {
        if (in.text("from") != "<>") in.fail("null reverse-path expected");
        return {};
    }
    auto local_part = mail::LocalPart::parse(in.text("from-local"));
    if (!local_part) in.fail(local_part.error().what);
    auto domain = mail::Domain::parse(in.text("from-domain"));
    if (!domain) in.fail(domain.error().what);
    if (!local_part || !domain) return {};
    return mail::ReversePath(mail::Mailbox(std::move(*local_part), std::move(*domain)));
}

std::optional<mail::Status> read_status(RecordReader& in) {
    if (!in.has("status-code")) return std::nullopt;
    mail::Status status;
    status.code = in.number<int>("status-code");
    status.enhanced.subject = in.number<std::uint16_t>("status-subject");
    status.enhanced.detail = in.number<std::uint16_t>("status-detail");
    status.text = in.text("status-text");
    return status;
}

QueuedRecipient read_recipient(RecordReader& in) {
    QueuedRecipient recipient;
    recipient.rcpt = in.text("recipient");
    recipient.original = in.text("original");
    recipient.hop = in.text("hop");
    recipient.kind = in.text("kind");
    recipient.entry = in.text("entry");
    recipient.state = static_cast<RecipientState>(in.word("state", states));
    recipient.attempts = in.number<unsigned>("attempts");
    recipient.next_attempt = to_instant(in.number<std::int64_t>("next-attempt"));
    recipient.last_status = read_status(in);
    recipient.last_host = in.text("last-host");
    return recipient;
}

SpoolId read_id(RecordReader& in) {
    auto const id = SpoolId::parse(in.text("id"));
    if (!id) in.fail(id.error().what);
    return id ? *id : SpoolId();
}

QueueItem read_item(RecordReader& in) {
    QueueItem item;
    item.id = read_id(in);
    item.arrived = to_instant(in.number<std::int64_t>("arrived"));
    item.from = read_from(in);
    item.size = in.number<std::uint64_t>("size");
    item.body_kind = static_cast<BodyKind>(in.word("body", body_kinds));
    item.smtputf8 = in.flag("smtputf8");
    item.body_place = static_cast<BodyPlace>(in.word("place", body_places));
    item.checksum = in.number<std::uint32_t>("body-checksum");
    item.client = in.text("client");
    item.helo = in.text("helo");
    item.is_report = in.flag("report");
    item.warning_sent = in.flag("warned");
    if (in.has("held")) item.held = in.text("held");
    while (!in.failed() && in.has("recipient")) item.recipients.push_back(read_recipient(in));
    in.end();
    return item;
}

// A newer version is reported as such only when the record is whole: the checksum stands last in
// every version.
std::optional<Error> check_version(RecordReader& in) {
    auto const found = in.number<unsigned>(first_field);
    if (in.failed() || found == version) return std::nullopt;
    return Error{
        Errc::wrong_version,
        fmt::format("record has version {}, this program knows {}", found, version)};
}

}  // namespace

std::string encode(QueueItem const& item) {
    RecordWriter out;
    out.number(first_field, version);
    out.text("id", item.id.to_text());
    out.number("arrived", to_number(item.arrived));
    write_from(out, item.from);
    out.number("size", item.size);
    out.text("body", word_of(body_kinds, item.body_kind));
    out.flag("smtputf8", item.smtputf8);
    out.text("place", word_of(body_places, item.body_place));
    out.number("body-checksum", item.checksum);
    out.text("client", item.client);
    out.text("helo", item.helo);
    out.flag("report", item.is_report);
    out.flag("warned", item.warning_sent);
    if (item.held) out.text("held", *item.held);
    for (auto const& recipient : item.recipients) write_recipient(out, recipient);
    return std::move(out).finish();
}

Result<QueueItem> decode(std::string_view record) {
    auto const lines = checked_lines(record);
    if (!lines) return lines.error();
    RecordReader in(*lines);
    if (auto const wrong = check_version(in)) return *wrong;
    auto item = read_item(in);
    if (auto const& failure = in.failure()) return *failure;
    return item;
}

}  // namespace splitmx::spool
