#include "relay/settle_log.hpp"

#include "relay/hop.hpp"

#include <algorithm>

namespace splitmx::relay {

namespace {

// Of mail that came by a clock that was set back since nobody knows it.
mail::Duration age(spool::QueueItem const& item, mail::Instant now) {
    auto const passed = std::chrono::duration_cast<mail::Duration>(now - item.arrived);
    return std::max(passed, mail::Duration());
}

std::size_t count(spool::QueueItem const& item, spool::RecipientState state) {
    auto const is_so = [state](auto const& recipient) { return recipient.state == state; };
    return static_cast<std::size_t>(
        std::count_if(item.recipients.begin(), item.recipients.end(), is_so)
    );
}

}  // namespace

void log_outcomes(
    observe::Log& log,
    spool::QueueItem const& item,
    std::vector<spool::Outcome> const& outcomes,
    mail::Instant now
) {
    for (auto const& outcome : outcomes) {
        auto const& recipient = item.recipients[outcome.recipient];
        log.write(observe::DeliveryAttempted{
            item.id.to_text(),
            recipient.rcpt,
            recipient.original,
            outcome.host.empty() ? host_name(recipient.hop) : outcome.host,
            outcome.status,
            age(item, now),
            host_name(recipient.hop)});
    }
}

void log_report(
    observe::Log& log,
    spool::QueueItem const& about,
    Message const& report,
    observe::ReportKind kind,
    std::vector<std::string> recipients
) {
    observe::ReportSent event;
    event.id = report.item.id.to_text();
    event.about = about.id.to_text();
    event.to = about.from;
    event.kind = kind;
    event.recipients = std::move(recipients);
    event.size = report.item.size;
    log.write(event);
}

void log_moved(
    observe::Log& log, spool::QueueItem const& before, Moved const& moved, std::string const& by
) {
    for (auto const i : moved.recipients) {
        auto const& recipient = moved.item.recipients[i];
        observe::RecipientMoved event;
        event.id = before.id.to_text();
        event.rcpt = recipient.rcpt;
        event.original = recipient.original;
        event.from = host_name(before.recipients[i].hop);
        event.to = host_name(recipient.hop);
        event.by = by;
        log.write(event);
    }
}

void log_removed(observe::Log& log, spool::QueueItem const& item, mail::Instant now) {
    log.write(observe::MessageRemoved{
        item.id.to_text(),
        count(item, spool::RecipientState::delivered),
        count(item, spool::RecipientState::failed),
        age(item, now)});
}

void log_settled(
    observe::Log& log, spool::Settlement const& settlement, mail::Instant now
) {
    auto const& item = settlement.item;
    auto const id = item.id.to_text();
    for (auto const& failed : settlement.failed) {
        if (settlement.report_due && failed.recipient.notify.wants_failure()) continue;
        bool const is_unwanted = !failed.recipient.notify.wants_failure();
        log.write(
            observe::ReportSuppressed{id, failed.recipient.original, failed.status, is_unwanted}
        );
    }
    if (settlement.finished) {
        log_removed(log, item, now);
    } else if (settlement.next_attempt) {
        log.write(observe::MessageDeferred{
            id, count(item, spool::RecipientState::pending), *settlement.next_attempt});
    }
}

}  // namespace splitmx::relay
