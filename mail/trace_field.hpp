// The Received field that a relay puts in front of every message it takes responsibility for.
// A HELO name that is neither a domain nor a literal stands in a comment, escaped: a client cannot
// forge a second hop or a header field with it.
// Threads: pure function. Source: RFC 5321 4.4, RFC 3848 for the protocol names.
#pragma once

#include "mail/clock.hpp"
#include "mail/ip_address.hpp"
#include "mail/mailbox.hpp"

#include <optional>
#include <string>

namespace splitmx::mail {

enum class TraceProtocol { smtp, esmtp };

struct TraceInput {
    std::string helo;  // as the client said it: any octets, may be empty
    IpAddress client;
    std::string hostname;  // ours
    TraceProtocol protocol = TraceProtocol::esmtp;
    std::string id;                    // spool id
    std::optional<Mailbox> recipient;  // only when there is a single one (RFC 5321 7.2)
    std::string comment;               // a whole one for behind our name (pass_marks.hpp), or empty
};

// The whole field with its final CRLF, folded at 78 octets where that is possible.
std::string trace_field(TraceInput const& input, Instant now);

}  // namespace splitmx::mail
