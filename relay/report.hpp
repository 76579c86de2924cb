// Reports to senders: what failed or is late, as a message of our own with a null reverse-path.
// Members of groups and entries of the directory are shown to nobody: a report names the address
// that the sender typed (Q246881). Threads: pure, but for the id and the clock that are passed in.
// Source: RFC 3464, RFC 5321 4.5.5.
#pragma once

#include "mail/dsn.hpp"
#include "relay/message.hpp"
#include "spool/settle.hpp"

#include <string>
#include <string_view>

namespace splitmx::relay {

struct ReportRequest {
    spool::QueueItem const& about;
    mail::DsnAction action;
    std::vector<mail::DsnRecipient> recipients;
    std::string_view original;  // the message from its first octet on, as far as its headers reach
    std::string const& reporting_mta;  // our host name
    mail::Mailbox const& postmaster;
};

std::vector<mail::DsnRecipient> failed_recipients(spool::Settlement const& settlement);
std::vector<mail::DsnRecipient> delayed_recipients(
    spool::Settlement const& settlement, spool::RetrySchedule const& schedule
);

// A message to the sender of `about`, not decided yet (its hop is empty).
// Requires: the reverse-path is not null.
MessagePtr build_report(ReportRequest const& request, spool::SpoolId id, mail::Instant now);

// A message made here, from nobody to `to`, not decided yet.
MessagePtr own_message(
    std::string text,
    mail::Mailbox const& to,
    std::string const& hostname,
    spool::SpoolId id,
    mail::Instant now
);

}  // namespace splitmx::relay
