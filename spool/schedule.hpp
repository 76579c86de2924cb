// When to try again, when to warn the sender, when to give up. Pure: time and chance are
// parameters. Defaults are those of [queue].
// Threads: values. Source: RFC 5321 4.5.4.1, Q146669 (retries), Q184051 (expiry).
#pragma once

#include "mail/clock.hpp"
#include "spool/queue_item.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace splitmx::spool {

struct RetrySchedule {
    // Waits after the first, second, ... failed attempt. Further waits grow from the last one by
    // half each time, up to `longest` (or the last one, when that is longer).
    std::vector<mail::Duration> retry{
        std::chrono::minutes{1},
        std::chrono::minutes{5},
        std::chrono::minutes{10},
        std::chrono::minutes{15},
        std::chrono::minutes{30},
        std::chrono::hours{1},
    };
    mail::Duration longest = std::chrono::hours{4};
    std::optional<mail::Duration> warn_after = std::chrono::hours{4};  // none: never
    mail::Duration expire = std::chrono::days{5};
    mail::Duration expire_ndr = std::chrono::days{2};  // for a null reverse-path
};

// `attempts`: failed ones, from 1. `random`: 0 to 1, moves the wait by -10 % to +10 %.
mail::Instant next_attempt(
    RetrySchedule const& schedule, unsigned attempts, mail::Instant now, double random
);

// The longest wait that next_attempt() gives: nothing lies farther ahead, whatever a clock said.
mail::Duration longest_wait(RetrySchedule const& schedule);

mail::Instant expiry(RetrySchedule const& schedule, QueueItem const& item);
bool is_expired(RetrySchedule const& schedule, QueueItem const& item, mail::Instant now);
// Never for a null reverse-path, and once per message.
bool is_warning_due(RetrySchedule const& schedule, QueueItem const& item, mail::Instant now);

// What the punctuality of a message needs to know, without its record.
struct Deadlines {
    mail::Instant expiry;
    std::optional<mail::Instant> warning;  // none: never, or it was sent
};
Deadlines deadlines(
    RetrySchedule const& schedule, mail::Instant arrived, bool from_null, bool warning_sent
);
// `when`, or what lies before it and still ahead: an attempt then warns or gives up in time.
mail::Instant in_time(Deadlines const& deadlines, mail::Instant now, mail::Instant when);
bool is_deadline_over(Deadlines const& deadlines, mail::Instant now);

}  // namespace splitmx::spool
