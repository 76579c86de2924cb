#include "relay/settle_log.hpp"

#include "relay/hop.hpp"
#include "relay/settler.hpp"

#include <algorithm>

namespace splitmx::relay {

namespace {

// Of mail that came by a clock that was set back since nobody knows it.
mail::Duration age(spool::QueueItem const& item, mail::Instant now) {
    auto const passed = std::chrono::duration_cast<mail::Duration>(now - item.arrived);
    return std::max(passed, mail::Duration());
}

observe::DeliveryAttempted attempt(
    spool::QueueItem const& item, spool::Outcome const& outcome, mail::Instant now
) {
    auto const& recipient = item.recipients[outcome.recipient];
    observe::DeliveryAttempted event;
    event.id = item.id.to_text();
    event.rcpt = recipient.rcpt;
    event.original = recipient.original;
    event.host = outcome.host.empty() ? host_name(recipient.hop) : outcome.host;
    event.status = outcome.status;
    event.delay = age(item, now);
    event.hop = host_name(recipient.hop);
    return event;
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
    for (auto const& outcome : outcomes) log.write(attempt(item, outcome, now));
}

void log_ended(
    observe::Log& log,
    spool::QueueItem const& item,
    std::vector<spool::Outcome> const& outcomes,
    ByOperator const& by,
    mail::Instant now
) {
    for (auto const& outcome : outcomes) {
        if (by.with_report) {
            auto event = attempt(item, outcome, now);
            event.by = by.name;
            log.write(event);
            continue;
        }
        observe::ReportSuppressed event;
        event.about = item.id.to_text();
        event.address = item.recipients[outcome.recipient].original;
        event.status = outcome.status;
        event.by = by.name;
        log.write(event);
    }
}

void log_report(
    observe::Log& log,
    spool::QueueItem const& about,
    Message const& report,
    observe::ReportKind kind,
    std::vector<std::string> recipients,
    std::string by
) {
    observe::ReportSent event;
    event.id = report.item.id.to_text();
    event.about = about.id.to_text();
    event.to = about.from;
    event.kind = kind;
    event.recipients = std::move(recipients);
    event.size = report.item.size;
    event.by = std::move(by);
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
    observe::Log& log, spool::Settlement const& settlement, mail::Instant now, bool reports_wanted
) {
    auto const& item = settlement.item;
    auto const id = item.id.to_text();
    for (auto const& failed : settlement.failed) {
        if (!reports_wanted) break;  // log_ended() has said it
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
