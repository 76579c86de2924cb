#include "spool/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace splitmx::spool {

namespace {

constexpr double growth = 1.5;
constexpr double jitter = 0.1;

// Milliseconds, as a real number: it is multiplied twice.
double wait_after(RetrySchedule const& schedule, unsigned attempts) {
    auto const longest = static_cast<double>(schedule.longest.count());
    if (schedule.retry.empty()) return longest;
    auto const index = static_cast<std::size_t>(std::max(attempts, 1U)) - 1;
    if (index < schedule.retry.size()) return static_cast<double>(schedule.retry[index].count());
    auto const last = static_cast<double>(schedule.retry.back().count());
    auto const steps = static_cast<double>(index - schedule.retry.size() + 1);
    return std::min(last * std::pow(growth, steps), std::max(last, longest));
}

}  // namespace

mail::Instant next_attempt(
    RetrySchedule const& schedule, unsigned attempts, mail::Instant now, double random
) {
    auto const factor = 1.0 - jitter + 2.0 * jitter * std::clamp(random, 0.0, 1.0);
    auto const wait = std::llround(wait_after(schedule, attempts) * factor);
    return now + mail::Duration(wait);
}

mail::Duration longest_wait(RetrySchedule const& schedule) {
    auto longest = static_cast<double>(schedule.longest.count());
    for (auto const wait : schedule.retry) {
        longest = std::max(longest, static_cast<double>(wait.count()));
    }
    return mail::Duration(std::llround(longest * (1.0 + jitter)));
}

mail::Instant expiry(RetrySchedule const& schedule, QueueItem const& item) {
    return deadlines(schedule, item.arrived, item.from.is_null(), item.warning_sent).expiry;
}

bool is_expired(RetrySchedule const& schedule, QueueItem const& item, mail::Instant now) {
    return now >= expiry(schedule, item);
}

bool is_warning_due(RetrySchedule const& schedule, QueueItem const& item, mail::Instant now) {
    auto const all = deadlines(schedule, item.arrived, item.from.is_null(), item.warning_sent);
    return all.warning && now >= *all.warning;
}

Deadlines deadlines(
    RetrySchedule const& schedule, mail::Instant arrived, bool from_null, bool warning_sent
) {
    Deadlines all;
    all.expiry = arrived + (from_null ? schedule.expire_ndr : schedule.expire);
    if (schedule.warn_after && !warning_sent && !from_null) {
        all.warning = arrived + *schedule.warn_after;
    }
    return all;
}

mail::Instant in_time(Deadlines const& deadlines, mail::Instant now, mail::Instant when) {
    when = std::min(when, deadlines.expiry);
    if (deadlines.warning && *deadlines.warning > now) when = std::min(when, *deadlines.warning);
    return when;
}

bool is_deadline_over(Deadlines const& deadlines, mail::Instant now) {
    return now >= deadlines.expiry || (deadlines.warning && now >= *deadlines.warning);
}

}  // namespace splitmx::spool
