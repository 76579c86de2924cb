#include "queue/row.hpp"

#include <algorithm>
#include <array>

namespace splitmx::queue {

namespace {

std::string state_text(spool::RecipientState state) {
    switch (state) {
        case spool::RecipientState::pending:
            return "pending";
        case spool::RecipientState::delivered:
            return "delivered";
        case spool::RecipientState::failed:
            break;
    }
    return "failed";
}

RecipientRow make_recipient(spool::QueuedRecipient const& recipient) {
    RecipientRow row;
    row.address = recipient.rcpt;
    row.original = recipient.original;
    row.host = host_name(recipient.hop);
    row.moved_from = host_name(recipient.moved_from);
    row.kind = recipient.kind;
    row.entry = recipient.entry;
    row.state = state_text(recipient.state);
    row.attempts = recipient.attempts;
    if (row.is_pending()) row.next_attempt = recipient.next_attempt;
    if (recipient.last_status) row.last_answer = recipient.last_status->to_log();
    row.last_host = recipient.last_host;
    return row;
}

bool was_attempted(RecipientRow const& recipient) {
    return recipient.attempts > 0 || !recipient.last_answer.empty();
}

Place place_of(Row const& row, bool is_held, bool in_delivery) {
    if (in_delivery) return Place::active;
    if (is_held) return Place::hold;
    auto const& all = row.recipients;
    bool const attempted = std::any_of(all.begin(), all.end(), was_attempted);
    return attempted ? Place::deferred : Place::incoming;
}

}  // namespace

std::string_view to_text(Place place) {
    constexpr std::array<std::string_view, 5> words{
        "incoming", "active", "deferred", "hold", "damaged"};
    return words[static_cast<std::size_t>(place)];
}

std::string host_name(std::string_view hop) {
    constexpr std::string_view configured = "host:";
    if (hop.starts_with(configured)) hop.remove_prefix(configured.size());
    return std::string(hop);
}

Row make_row(spool::QueueItem const& item, bool in_delivery) {
    Row row;
    row.id = item.id;
    row.arrived = item.arrived;
    row.size = item.size;
    if (auto const& mailbox = item.from.mailbox()) row.sender = mailbox->to_wire();
    row.client = item.client;
    row.listener = item.listener;
    row.is_report = item.is_report;
    if (item.held) row.note = *item.held;
    for (auto const& recipient : item.recipients) {
        row.recipients.push_back(make_recipient(recipient));
    }
    row.place = place_of(row, item.held.has_value(), in_delivery);
    return row;
}

Row make_row(spool::DamagedMessage const& message) {
    Row row;
    if (message.item) row = make_row(*message.item, false);
    row.id = message.id;
    row.place = Place::damaged;
    row.note = message.reason;
    if (!message.item) row.arrived = message.since;
    // What is set aside is not attempted, whatever its record says.
    for (auto& recipient : row.recipients) recipient.next_attempt.reset();
    row.size = message.body_octets;
    return row;
}

Row make_row(spool::SpoolId id, spool::Error const& damage) {
    Row row;
    row.id = id;
    row.place = Place::damaged;
    row.note = damage.what;
    return row;
}

}  // namespace splitmx::queue
