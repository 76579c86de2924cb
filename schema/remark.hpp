// What is odd about a value of an entry, for the logs and `directory lint`.
// Threads: plain values. Source: Q257578, Q230331, Q258704, Q166247 for bad addresses.
#pragma once

#include <string>
#include <string_view>

namespace splitmx::schema {

enum class RemarkId {
    malformed_address,  // skipped, no other reason fits
    double_dot,         // skipped
    trailing_dot,       // skipped
    blank,              // skipped: a blank inside; blanks around a value are dropped silently
    control_character,  // skipped; NUL too
    mailto_prefix,      // skipped
    missing_type,       // skipped: "x@y" where "smtp:x@y" is needed
    foreign_type,       // skipped: X400, X500, SIP and others
    non_ascii,          // kept: only SMTPUTF8 senders can write to it (RFC 6531)
    several_primaries,  // the first one counts
    several_values,     // of an attribute with one value: the first one counts
    malformed_target,   // kept
    malformed_name,     // a DN that is none; as a member it is kept as malformed
    malformed_switch,   // neither TRUE nor FALSE: counts as FALSE
    partial_values,     // the server gave only some of the values
};

[[nodiscard]] std::string_view to_id(RemarkId id);  // "double-dot"

struct MappingRemark {
    RemarkId id = RemarkId::malformed_address;
    std::string attribute;
    std::string text;  // the value, shortened, control characters escaped
};

// A value for people to read: one line, valid UTF-8, not long.
[[nodiscard]] std::string to_remark_text(std::string_view value);

}  // namespace splitmx::schema
