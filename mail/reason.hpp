// The registry of reasons: why a recipient is delivered, refused or deferred. One stable word each,
// the same in replies, reports, logs, metrics, JSON and documents; never renamed, never reused.
// `expired` never answers a client: it stands in reports only, as 4.4.7.
// Threads: constants. Source: RFC 3463 3, RFC 5321 4.2; the words of Exchange.
#pragma once

#include "mail/status.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace splitmx::mail {

enum class Reason {
    mailbox,
    custom_recipient,
    group,
    relay,
    forwarded_unknown,
    postmaster,
    unknown_recipient,
    bad_address,
    ambiguous,
    disabled,
    too_large,
    no_route,
    loop,
    relay_denied,
    restricted,
    expired,
    directory_unavailable,
};

struct ReasonInfo {
    Reason reason;
    std::string_view id;  // "unknown_recipient"
    int code;             // reply code when it decides a recipient
    EnhancedCode enhanced;
    std::string_view text;     // for the peer
    std::string_view meaning;  // for the administrator, one sentence
};

std::span<ReasonInfo const> all_reasons();
ReasonInfo const& info(Reason reason);
std::string_view to_id(Reason reason);
std::optional<Reason> reason_from_id(std::string_view id);

// The reply for a reason. `ambiguous` has a second, transient form: transient_status.
Status status_of(Reason reason);
Status transient_status(Reason reason);

}  // namespace splitmx::mail
