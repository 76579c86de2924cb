// Builds the report that tells a sender what became of a message: a multipart/report with a text a
// person can act on, the same facts for programs, and the header section of the original.
// The result is a whole message with CRLF line ends: 7-bit, no line over 998 octets. Whatever came
// from outside is folded and escaped (\xNN), so no peer and no sender can forge a field of it.
// It shows what the caller passes, no more: to outsiders pass `final_recipient` = `original`.
// Send it with the null reverse-path; never build one for a null reverse-path.
// Threads: pure function. Source: RFC 3464, RFC 6522, RFC 3834 5 (Auto-Submitted), Q246881.
#pragma once

#include "mail/clock.hpp"
#include "mail/mailbox.hpp"
#include "mail/reason.hpp"
#include "mail/status.hpp"

#include <optional>
#include <string>
#include <vector>

namespace splitmx::mail {

enum class DsnAction { failed, delayed };

struct DsnRecipient {
    std::string original;         // as the sender typed it
    std::string final_recipient;  // what it became; may equal `original`
    Status status;
    std::optional<Reason> reason;  // ours; none: the peer's reply is all that is known
    std::string remote_mta;        // name of the host that answered; empty: none did
    std::string diagnostic;        // the host's reply as it came, '\n' between lines; may be empty
    std::optional<Instant> will_retry_until;  // when delayed
};

struct DsnInput {
    DsnAction action = DsnAction::failed;
    std::string reporting_mta;  // our host name
    Mailbox postmaster;
    Mailbox to;  // the reverse-path of the original
    Instant arrival;
    Instant now;
    std::string message_id;                // of the report, without angle brackets
    std::string boundary;                  // 1 to 70 letters, digits, '-', '_', '.'; in no original
    std::vector<DsnRecipient> recipients;  // at least one
    std::optional<std::string> original_message_id;  // HeaderScan::message_id
    std::string headers;                             // HeaderScan::section
};

std::string build_dsn(DsnInput const& input);

}  // namespace splitmx::mail
