#include "spool/queue_item.hpp"

#include "spool/item_record.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::spool {

namespace {

template <std::size_t count, class Enum>
std::string_view word_of(std::array<std::string_view, count> const& words, Enum value) {
    return words[static_cast<std::size_t>(value)];
}

void write_from(RecordWriter& out, mail::ReversePath const& from) {
    if (auto const& mailbox = from.mailbox()) {
        out.text("from-local", mailbox->local_part().to_wire());
        out.text("from-domain", mailbox->domain().text());
    } else {
        out.plain("from", "<>");
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
    out.text("orcpt", recipient.orcpt);
    out.plain("notify", recipient.notify.to_wire());
    out.text("hop", recipient.hop);
    out.text("kind", recipient.kind);
    out.text("entry", recipient.entry);
    out.flag("expanded", recipient.expanded);
    if (!recipient.moved_from.empty()) out.text("moved-from", recipient.moved_from);
    out.plain("state", word_of(state_words, recipient.state));
    out.number("attempts", recipient.attempts);
    out.number("next-attempt", to_number(recipient.next_attempt));
    if (recipient.last_status) write_status(out, *recipient.last_status);
    out.text("last-host", recipient.last_host);
}

// The oldest version that can say it: who goes back to an earlier program keeps his mail.
unsigned version_for(QueueItem const& item) {
    auto const& all = item.recipients;
    bool const is_moved = std::any_of(all.begin(), all.end(), [](QueuedRecipient const& one) {
        return !one.moved_from.empty();
    });
    return is_moved ? record_version : version_without_moves;
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

mail::IpAddress read_address(RecordReader& in, std::string_view field) {
    auto const text = in.text(field);
    auto const address = mail::IpAddress::parse(text);
    if (address && address->to_text() == text) return *address;
    in.fail("IP address expected");
    return {};
}

// Version 1 had the address of the client only in its printable form, "helo[address]".
mail::IpAddress address_in(std::string_view client) {
    if (!client.ends_with(']')) return {};
    client.remove_suffix(1);
    auto const address = mail::IpAddress::parse(client.substr(client.rfind('[') + 1));
    return address ? *address : mail::IpAddress();
}

void read_asker(RecordReader& in, unsigned found, QueueItem& item) {
    if (found < 2) {
        item.client_address = address_in(item.client);
        return;
    }
    item.client_address = read_address(in, "client-address");
    item.local_address = read_address(in, "local-address");
    item.listener = in.text("listener");
    if (in.has("identity")) item.identity = in.text("identity");
}

mail::Notify read_notify(RecordReader& in) {
    auto const text = in.text("notify");
    if (text.empty()) return {};
    auto const notify = mail::Notify::parse(text);
    if (!notify || notify->to_wire() != text) in.fail("NOTIFY value expected");
    return notify.value_or(mail::Notify());
}

// What the sender asks about reports, and what the content is made of: from version 3 on.
void read_requests(RecordReader& in, unsigned found, QueueItem& item) {
    if (found < 3) return;
    item.octets = static_cast<ContentOctets>(in.word("octets", octets_words));
    item.returns = static_cast<mail::ReturnContent>(in.word("returns", returns_words));
    item.envelope_id = in.text("envelope-id");
}

QueuedRecipient read_recipient(RecordReader& in, unsigned found) {
    QueuedRecipient recipient;
    recipient.rcpt = in.text("recipient");
    recipient.original = in.text("original");
    if (found >= 3) {
        recipient.orcpt = in.text("orcpt");
        recipient.notify = read_notify(in);
    }
    recipient.hop = in.text("hop");
    recipient.kind = in.text("kind");
    recipient.entry = in.text("entry");
    recipient.expanded = found < 2 || in.flag("expanded");
    if (found >= 4 && in.has("moved-from")) recipient.moved_from = in.text("moved-from");
    recipient.state = static_cast<RecipientState>(in.word("state", state_words));
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

QueueItem read_item(RecordReader& in, unsigned found) {
    QueueItem item;
    item.id = read_id(in);
    item.arrived = to_instant(in.number<std::int64_t>("arrived"));
    item.from = read_from(in);
    item.size = in.number<std::uint64_t>("size");
    item.body_kind = static_cast<BodyKind>(in.word("body", body_kind_words));
    item.smtputf8 = in.flag("smtputf8");
    read_requests(in, found, item);
    item.body_place = static_cast<BodyPlace>(in.word("place", body_place_words));
    item.checksum = in.number<std::uint32_t>("body-checksum");
    item.client = in.text("client");
    read_asker(in, found, item);
    item.helo = in.text("helo");
    item.is_report = in.flag("report");
    item.warning_sent = in.flag("warned");
    if (in.has("held")) item.held = in.text("held");
    while (!in.failed() && in.has("recipient")) {
        item.recipients.push_back(read_recipient(in, found));
    }
    in.end();
    return item;
}

}  // namespace

BodyFacts facts_of(QueueItem const& item) { return {item.size, item.checksum, item.body_place}; }

std::string encode(QueueItem const& item) { return encode(item, facts_of(item)); }

std::string encode(QueueItem const& item, BodyFacts const& body) {
    RecordWriter out;
    out.number(version_field, version_for(item));
    out.plain("id", item.id.to_text());
    out.number("arrived", to_number(item.arrived));
    write_from(out, item.from);
    out.number("size", body.size);
    out.plain("body", word_of(body_kind_words, item.body_kind));
    out.flag("smtputf8", item.smtputf8);
    out.plain("octets", word_of(octets_words, item.octets));
    out.plain("returns", word_of(returns_words, item.returns));
    out.text("envelope-id", item.envelope_id);
    out.plain("place", word_of(body_place_words, body.place));
    out.number("body-checksum", body.checksum);
    out.text("client", item.client);
    out.plain("client-address", item.client_address.to_text());
    out.plain("local-address", item.local_address.to_text());
    out.text("listener", item.listener);
    if (item.identity) out.text("identity", *item.identity);
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
    auto const found = read_version(in);
    if (!found) return found.error();
    auto item = read_item(in, *found);
    if (auto const& failure = in.failure()) return *failure;
    return item;
}

}  // namespace splitmx::spool
