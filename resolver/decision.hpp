// What happens to one recipient, and why. The same value answers RCPT TO, is delivered by, goes
// into the report to the sender, and is printed by `explain`. Threads: plain values. Source:
// contract of `splitmx resolve --json`; RFC 5321 3.3, RFC 3463.
#pragma once

#include "mail/path.hpp"
#include "mail/reason.hpp"
#include "mail/status.hpp"
#include "resolver/next_hop.hpp"
#include "resolver/recipient.hpp"
#include "resolver/rule.hpp"

#include <optional>
#include <string>
#include <vector>

namespace splitmx::resolver {

// `bounce` is accepted first and then returned with a report (unknown = "ndr").
enum class Verdict { deliver, refuse, defer, bounce };
enum class RouteKind { mailbox, custom_recipient, relay, unknown, postmaster };

std::string_view to_text(Verdict verdict);
std::string_view to_text(RouteKind kind);

struct TraceStep {
    Rule rule;
    std::string subject;  // what the rule was applied to, and what came of it
    std::string source;   // "FILE:LINE" or a DN; empty when there is none
};

// One copy of the message: this recipient, at this host.
struct Route {
    mail::ForwardPath rcpt;  // for RCPT TO
    std::string original;    // as the sender typed it (ORCPT)
    RouteKind kind;
    HostPtr host;  // never null
    std::optional<EntryName> entry;
};

// A member of a group, or an alternate, that cannot be delivered to.
struct FailedRecipient {
    std::string rcpt;  // its address, or its DN when it has none; not for outsiders
    mail::Reason reason;
    mail::Status status;
};

struct Decision {
    Verdict verdict = Verdict::refuse;
    mail::Reason reason = mail::Reason::bad_address;
    mail::Status status;  // for the client; for `bounce`, what the report will say
    std::vector<Route> routes;
    std::vector<FailedRecipient> failed;
    std::vector<TraceStep> trace;
};

}  // namespace splitmx::resolver
