#include "spool/settle.hpp"

#include "mail/reason.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::spool {

namespace {

struct Round {
    mail::Instant now;
    RetrySchedule const& schedule;
    double random;
};

FailedRecipient refusal(QueuedRecipient const& recipient) {
    auto const status = recipient.last_status.value_or(mail::Status());
    auto const diagnostic = recipient.last_host.empty() ? std::nullopt : recipient.last_status;
    return {recipient, status, diagnostic, recipient.last_host};
}

// RFC 3463 3.5: X.4.7. The class is 4 since the trouble would have passed; the diagnostic is what
// the host said last, or what became of the last attempt to reach it.
FailedRecipient expired(QueuedRecipient const& recipient) {
    auto failed = refusal(recipient);
    failed.status = mail::transient_status(mail::Reason::expired);
    failed.diagnostic = recipient.last_status;
    return failed;
}

void defer(
    QueuedRecipient& recipient, Outcome const& outcome, Round const& round, Deadlines const& limits
) {
    if (outcome.retry_in) {
        recipient.next_attempt = round.now + *outcome.retry_in;
    } else {
        ++recipient.attempts;
        recipient.next_attempt =
            next_attempt(round.schedule, recipient.attempts, round.now, round.random);
    }
    recipient.next_attempt = in_time(limits, round.now, recipient.next_attempt);
}

void tell_success(Settlement& result, QueuedRecipient const& recipient, Outcome const& outcome) {
    if (outcome.success == Success::passed_on || result.item.from.is_null()) return;
    if (!recipient.notify.wants_success()) return;
    result.succeeded.push_back({recipient, outcome.status, outcome.host, outcome.success});
}

void settle_one(Settlement& result, Outcome const& outcome, Round const& round) {
    auto& recipient = result.item.recipients[outcome.recipient];
    recipient.last_status = outcome.status;
    recipient.last_host = outcome.host;
    if (!outcome.retry_in && outcome.status.is_positive()) {
        recipient.state = RecipientState::delivered;
        tell_success(result, recipient, outcome);
    } else if (!outcome.retry_in && outcome.status.is_permanent()) {
        recipient.state = RecipientState::failed;
        result.failed.push_back(refusal(recipient));
    } else if (is_expired(round.schedule, result.item, round.now)) {
        recipient.state = RecipientState::failed;
        result.failed.push_back(expired(recipient));
    } else {
        auto const& item = result.item;
        auto const limits =
            deadlines(round.schedule, item.arrived, item.from.is_null(), item.warning_sent);
        defer(recipient, outcome, round, limits);
    }
}

bool is_pending(QueuedRecipient const& recipient) {
    return recipient.state == RecipientState::pending;
}

void look_ahead(Settlement& result, Round const& round) {
    for (auto const& recipient : result.item.recipients) {
        if (!is_pending(recipient)) continue;
        auto const& at = recipient.next_attempt;
        result.next_attempt = result.next_attempt ? std::min(*result.next_attempt, at) : at;
    }
    result.finished = !result.next_attempt;
    if (result.finished || !is_warning_due(round.schedule, result.item, round.now)) return;
    std::copy_if(
        result.item.recipients.begin(),
        result.item.recipients.end(),
        std::back_inserter(result.delayed),
        [](auto const& recipient) { return is_pending(recipient) && recipient.notify.wants_delay(); }
    );
    result.item.warning_sent = true;
}

}  // namespace

Settlement settle(
    QueueItem item,
    std::span<Outcome const> outcomes,
    mail::Instant now,
    RetrySchedule const& schedule,
    double random
) {
    Round const round{now, schedule, random};
    Settlement result;
    result.item = std::move(item);
    for (auto const& outcome : outcomes) {
        auto const& recipients = result.item.recipients;
        if (outcome.recipient >= recipients.size()) continue;
        if (is_pending(recipients[outcome.recipient])) settle_one(result, outcome, round);
    }
    result.report_due =
        !result.item.from.is_null() &&
        std::any_of(result.failed.begin(), result.failed.end(), [](auto const& failed) {
            return failed.recipient.notify.wants_failure();
        });
    look_ahead(result, round);
    return result;
}

}  // namespace splitmx::spool
