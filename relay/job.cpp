#include "relay/job.hpp"

#include "spool/due_wheel.hpp"

namespace splitmx::relay {

std::vector<spool::Outcome> Job::same_for_all(mail::Status const& status, std::string const& host)
    const {
    std::vector<spool::Outcome> outcomes;
    outcomes.reserve(recipients.size());
    for (auto const recipient : recipients) {
        outcomes.push_back({recipient, status, host, std::nullopt});
    }
    return outcomes;
}

std::vector<std::size_t> due_recipients(
    spool::QueueItem const& item, std::string const& hop, mail::Instant now, bool all
) {
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < item.recipients.size(); ++i) {
        auto const& recipient = item.recipients[i];
        if (recipient.state != spool::RecipientState::pending || recipient.hop != hop) continue;
        // Those of one attempt stay together, though their waits may differ by a tick.
        if (all || recipient.next_attempt <= now + spool::DueWheel::tick) due.push_back(i);
    }
    return due;
}

}  // namespace splitmx::relay
