// From an entry of the directory to a recipient, by a profile. The entry is untrusted: whatever
// cannot be used is skipped and reported as a remark, for the logs and `directory lint`. Nothing
// here throws, and the work is linear in the number of values.
//
// An entry that has a kind but no usable address is a recipient: it is found by its name, as a
// member or an alternate. A target that is no address is kept as written; the resolver answers
// no_route. Threads: pure functions.
// Source: contract of the profiles; Q257578, Q230331, Q258704, Q166247 for bad addresses.
#pragma once

#include "ldap/entry.hpp"
#include "resolver/recipient.hpp"
#include "schema/profile.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

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

inline constexpr std::size_t max_remarks = 100;  // for each entry; more are dropped

struct NotARecipient {
    std::string why;
};

struct Mapping {
    std::variant<resolver::Recipient, NotARecipient> outcome;
    std::vector<MappingRemark> remarks;

    resolver::Recipient const* recipient() const {
        return std::get_if<resolver::Recipient>(&outcome);
    }
};

[[nodiscard]] Mapping map(Profile const& profile, ldap::Entry const& entry);

[[nodiscard]] resolver::EntryName to_entry_name(ldap::Dn const& dn);

}  // namespace splitmx::schema
