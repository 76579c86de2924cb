// Builds the report that tells a sender what became of a message: a multipart/report with a text a
// person can act on, the same facts for programs, and the header section of the original.
// The result is a whole message with CRLF line ends: 7-bit, no line over 998 octets; but for a sender
// with a UTF-8 address, who gets the forms of RFC 6533. Whatever came from outside is folded and
// escaped (\xNN), so no peer and no sender can forge a field of it.
// It shows what the caller passes, no more: to outsiders pass `final_recipient` = `original`.
// Send it with the null reverse-path; never build one for a null reverse-path.
// Threads: pure functions. Source: RFC 3461 6, RFC 3464, RFC 6522, RFC 6533, RFC 3834 5
// (Auto-Submitted), Q246881.
#pragma once

#include "mail/clock.hpp"
#include "mail/dsn_request.hpp"
#include "mail/mailbox.hpp"
#include "mail/reason.hpp"
#include "mail/status.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::mail {

enum class DsnAction { failed, delayed, delivered, relayed, expanded };
std::string_view to_text(DsnAction action);

struct DsnRecipient {
    std::string original;         // as the sender typed it
    std::string final_recipient;  // what it became; may equal `original`
    Status status;
    std::optional<Reason> reason;  // ours; none: the peer's reply is all that is known
    std::string remote_mta;        // name of the host that answered; empty: none did, or not told
    std::string diagnostic;        // the host's reply as it came, '\n' between lines; may be empty
    std::optional<Instant> will_retry_until;  // when delayed
    // ORCPT as the sender gave it; none: `original` is all there is to name.
    std::optional<OriginalRecipient> orcpt = std::nullopt;
    bool is_host_hidden = false;  // the host is one of ours, which outsiders do not learn
    bool is_own_account = false;  // `diagnostic` is what we saw happen: no host said it
    bool is_one_of_several = false;  // for whom `original` stands: the others are not concerned
    // The report is about an attempt of now; else RFC 3464 2.3.7 wants no date of one.
    bool is_attempt_known = true;
    bool goes_by_domain = false;  // the next hop is what the DNS has for the domain of `original`
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
    std::string envelope_id = {};    // ENVID, decoded; empty: none
    std::string received_from = {};  // name of the client; empty: not told
    std::string log_id = {};         // of the original, for the postmaster; empty: not told
    // The whole original in place of its headers: 7-bit, no line over 998 octets, no boundary in it.
    std::string content = {};
};

// Whether a message may be given back whole (DsnInput::content).
bool can_be_returned(std::string_view content, std::string_view boundary);
// A report to such a mailbox is itself UTF-8, and needs SMTPUTF8 on its way (RFC 6533 4).
bool needs_smtputf8(Mailbox const& to);

std::string build_dsn(DsnInput const& input);

}  // namespace splitmx::mail
