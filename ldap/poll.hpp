// What polling a directory needs to decide: who an entry is, and whether something changed since it
// was last read.
//
// Pure values for the one who reads pages (RFC 2696); no threads.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/entry_id.hpp"
#include "ldap/filter.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

// The operational attributes that polling asks for beside the caller's.
[[nodiscard]] std::vector<std::string> poll_attributes();

// By entryUUID, nsUniqueId or objectGUID, and by the DN where the server shows none of them.
[[nodiscard]] EntryId poll_id(Entry const& entry);

// The newest modifyTimestamp (RFC 4512 3.4.4) among entries. A generalised time in UTC orders as text
// as long as all have one form, as those of one server do.
class NewestChange {
public:
    void see(Entry const& entry);
    void forget() { newest_.clear(); }

    // Matches what changed later; nothing if no entry had a time. A change in the same second is
    // not later: it waits for the next refresh.
    [[nodiscard]] std::optional<Filter> later(Filter const& among) const;

private:
    std::string newest_;
};

}  // namespace splitmx::ldap
