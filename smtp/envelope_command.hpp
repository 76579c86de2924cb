// What MAIL and RCPT say, once their syntax, parameters and addresses are in order; else the reply.
// A parameter belongs here as soon as its extension is offered; any other is unknown.
// Threads: pure functions. Source: RFC 5321 4.1.1.2, 4.1.1.3, 4.1.1.11; RFC 1870 6, RFC 6152 3, RFC
// 3461 4, RFC 6531 3.
#pragma once

#include "mail/dsn_request.hpp"
#include "mail/path.hpp"
#include "mail/status.hpp"
#include "smtp/extensions.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace splitmx::smtp {

struct MailCommand {
    mail::ReversePath from;
    std::optional<std::uint64_t> declared_size;  // octets
    BodyKind body = BodyKind::seven_bit;
    bool smtputf8 = false;
    mail::ReturnContent returns = mail::ReturnContent::unsaid;
    std::string envelope_id;  // xtext, as it came; empty: none
};

struct RcptCommand {
    mail::ForwardPath path;
    mail::Notify notify;
    std::string original;  // ORCPT as it came; empty: none
};

// The argument of MAIL: "FROM:<a@b> SIZE=1".
std::variant<MailCommand, mail::Status> read_mail(
    std::string_view argument, Extensions const& offered, std::uint64_t max_message
);

// The argument of RCPT: "TO:<a@b> NOTIFY=NEVER". `smtputf8`: MAIL said so.
std::variant<RcptCommand, mail::Status> read_rcpt(
    std::string_view argument, Extensions const& offered, bool smtputf8
);

}  // namespace splitmx::smtp
