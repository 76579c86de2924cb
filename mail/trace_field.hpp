// The Received field that a relay puts in front of every message it takes responsibility for.
// A HELO name that is neither a domain nor a literal stands in a comment, escaped: a client cannot
// forge a second hop or a header field with it.
// Threads: pure function. Source: RFC 5321 4.4; RFC 3848 and RFC 6531 3.7.3 for the protocol names.
#pragma once

#include "mail/clock.hpp"
#include "mail/ip_address.hpp"
#include "mail/mailbox.hpp"

#include <optional>
#include <string>

namespace splitmx::mail {

// The name says whether there was TLS, and whether the client proved who it is (RFC 3848).
struct TraceProtocol {
    bool extended = true;  // EHLO
    bool tls = false;
    bool authenticated = false;
    bool utf8 = false;  // SMTPUTF8 was used (RFC 6531 3.7.3)
};

std::string name_of(TraceProtocol const& protocol);  // "ESMTPS", RFC 3848

struct TraceInput {
    std::string helo;  // as the client said it: any octets, may be empty
    IpAddress client;
    std::string hostname;  // ours
    TraceProtocol protocol;
    std::string id;                    // spool id
    std::optional<Mailbox> recipient;  // only when there is a single one (RFC 5321 7.2)
    std::string comment;               // a whole one for behind our name (pass_marks.hpp), or empty
    std::string tls;                   // "TLSv1.3 TLS_AES_256_GCM_SHA384", or empty
};

// The whole field with its final CRLF, folded at 78 octets where that is possible.
std::string trace_field(TraceInput const& input, Instant now);

}  // namespace splitmx::mail
