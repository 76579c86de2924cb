// The lines that tell what became of a message. Threads: any.
#pragma once

#include "observe/log.hpp"
#include "relay/message.hpp"
#include "relay/move.hpp"
#include "spool/settle.hpp"

#include <string>
#include <vector>

namespace splitmx::relay {

struct ByOperator;

void log_outcomes(
    observe::Log& log,
    spool::QueueItem const& item,
    std::vector<spool::Outcome> const& outcomes,
    mail::Instant now
);
// What an operator has ended: as failed where the sender is told, else as dropped.
void log_ended(
    observe::Log& log,
    spool::QueueItem const& item,
    std::vector<spool::Outcome> const& outcomes,
    ByOperator const& by,
    mail::Instant now
);
void log_report(
    observe::Log& log,
    spool::QueueItem const& about,
    Message const& report,
    observe::ReportKind kind,
    std::vector<std::string> recipients,  // as the sender typed them
    std::string by = {}                   // the operator whose wish it is
);
// `before`: the message as it was.
void log_moved(
    observe::Log& log, spool::QueueItem const& before, Moved const& moved, std::string const& by
);
void log_removed(observe::Log& log, spool::QueueItem const& item, mail::Instant now);
// `reports_wanted`: by the operator, if one has ended it; what nobody is told is logged otherwise.
void log_settled(
    observe::Log& log,
    spool::Settlement const& settlement,
    mail::Instant now,
    bool reports_wanted = true
);

}  // namespace splitmx::relay
