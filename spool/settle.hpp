// What a delivery round changed: the item as it is to be stored, who needs a report, when to go on.
// Pure. One recipient's refusal touches no other (Q260741). A refusal of a whole connection
// (banner, EHLO) is no verdict on a recipient: the caller makes it transient. A recipient expires
// when an attempt fails at or after the expiry; next attempts lie neither beyond it nor beyond the
// time of the delay warning, so both are punctual. Failures of a message with a null reverse-path
// are listed, but no report is due (RFC 5321 4.5.5, Q192939); nor is one that NOTIFY did not ask for. Order: the report's Put and the
// item's Update or Remove go into one submission. Threads: values; an item must not be settled
// twice at once. Source: RFC 3464 2.3, RFC 5321 6.1.
#pragma once

#include "mail/clock.hpp"
#include "mail/status.hpp"
#include "spool/queue_item.hpp"
#include "spool/schedule.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splitmx::spool {

// What a 2yz means for a sender who wants to hear of success (RFC 3461 5.2.2, 5.3, 6.2).
enum class Success {
    passed_on,  // the next host has taken that duty over
    relayed,    // the next host tells nobody
    delivered,  // it is where it was to go
};

// What became of one pending recipient. Its class decides: 2yz delivered, 5yz failed, else later.
struct Outcome {
    std::size_t recipient = 0;  // index in QueueItem::recipients
    mail::Status status;
    std::string host;  // that gave the status; empty: none was reached
    // Set: transient, but no attempt that counts (directory trouble); try again after this.
    std::optional<mail::Duration> retry_in;
    Success success = Success::passed_on;  // of a 2yz
};

struct SucceededRecipient {
    QueuedRecipient recipient;  // as in the settled item
    mail::Status status;
    std::string host;
    Success success;  // relayed or delivered
};

struct FailedRecipient {
    QueuedRecipient recipient;               // as in the settled item
    mail::Status status;                     // for the report: the refusal, or the expiry
    std::optional<mail::Status> diagnostic;  // what `host` said last; no host: what happened last
    std::string host;
};

struct Settlement {
    QueueItem item;
    bool finished = false;                      // nothing is pending: Remove it, else Update it
    std::vector<FailedRecipient> failed;        // in this round
    bool report_due = false;                    // of those that failed, to a sender who wants it
    std::vector<QueuedRecipient> delayed;       // not empty: a delay warning for these is due
    std::vector<SucceededRecipient> succeeded;  // not empty: a report of these is due
    std::optional<mail::Instant> next_attempt;  // the earliest; none: finished
};

// `random`: 0 to 1, one for the round, so that recipients of one host stay together.
// Outcomes for recipients that are not pending or not there are ignored.
Settlement settle(
    QueueItem item,
    std::span<Outcome const> outcomes,
    mail::Instant now,
    RetrySchedule const& schedule,
    double random
);

}  // namespace splitmx::spool
