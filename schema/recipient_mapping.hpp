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
#include "schema/remark.hpp"

#include <string>
#include <variant>
#include <vector>

namespace splitmx::schema {

inline constexpr std::size_t max_remarks = 100;  // for each entry; more are dropped
inline constexpr std::size_t max_x500_addresses = 100;
inline constexpr std::size_t max_foreign_types = 16;

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
