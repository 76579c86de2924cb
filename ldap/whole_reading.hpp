// Everything read once more beside a session that goes on: a refresh that tells all, in the middle
// of the stream of changes. What the session tells meanwhile is newer than what the reading finds
// of the same entry, or as new, so that counts.
//
// For servers whose resumption is not to be trusted: 389 says nothing of entries that left the
// filter while we were away, leaves out operational attributes (nsAccountLock) of those that
// changed, and does not notice that its changelog no longer reaches back (2.3.1). Values in, events
// out, no I/O; for one thread. Source: directory complaints of the design; RFC 4533 3.3.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/sync.hpp"

#include <optional>
#include <unordered_set>

namespace splitmx::ldap::sync {

class WholeReading {
public:
    [[nodiscard]] static Event begin() { return RefreshBegins{std::nullopt}; }

    // What the session told since the beginning, each event once.
    void see(Event const& event);
    // What was found. Nothing, if the session knows better.
    [[nodiscard]] std::optional<Event> found(EntryId const& id, Entry entry) const;
    // The last cookie of the session stands for all of it.
    [[nodiscard]] Event end() const;

private:
    std::unordered_set<EntryId> touched_;
    std::optional<Cookie> cookie_;
};

}  // namespace splitmx::ldap::sync
