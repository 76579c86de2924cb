// What polling a directory needs to decide: who an entry is, and whether something changed since it
// was last read.
//
// Pure values for the one who reads pages (RFC 2696); no threads.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/entry_id.hpp"
#include "ldap/filter.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

// The operational attributes that polling asks for beside the caller's.
[[nodiscard]] std::vector<std::string> poll_attributes();

// By entryUUID, nsUniqueId or objectGUID, and by the DN where the server shows none of them.
[[nodiscard]] EntryId poll_id(Entry const& entry);

// Which entries changed last, by modifyTimestamp (RFC 4512 3.4.4): those within a minute of the
// newest. When a server shows the same ones later, nothing came and nothing is other than it was.
// The minute is for changes of the same second, and for those that another server made and that
// came late. Entries that are gone leave no trace. A generalised time in UTC orders as text as long
// as all have one form, as those of one server do.
class LastChanges {
public:
    // More in one minute, as after an import, cannot be told apart by a small question.
    static constexpr std::size_t most = 200;

    void see(Entry const& entry);
    void forget() { *this = {}; }

    // Matches the last changes and whatever comes after them; nothing when no entry had a time, or
    // too many had one.
    [[nodiscard]] std::optional<Filter> question(Filter const& among) const;
    // Whether these, an answer to the question, are the ones that were seen.
    [[nodiscard]] bool are(std::vector<Entry> const& found) const;

private:
    struct Change {
        std::string time;
        std::size_t mark;  // of name and time
    };

    void drop_old();

    std::string newest_;
    std::string since_;  // a minute before
    std::vector<Change> changes_;
    std::string lost_;  // the newest time of those that were too many to keep
};

}  // namespace splitmx::ldap
