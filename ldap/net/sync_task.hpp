// One session on one connection, either way of following: what it works with, and how it ended.
#pragma once

#include "ldap/net/channel.hpp"
#include "ldap/net/sync_client.hpp"
#include "ldap/sync.hpp"
#include "ldap/sync_advice.hpp"

#include <optional>
#include <vector>

namespace splitmx::ldap::net {

// The references outlive the session.
struct SyncTask {
    SyncSettings const& settings;
    sync::Consumer& consumer;
    Channel& channel;
    ServerFacts facts;
    sync::SessionOf of;
};

struct SyncOutcome {
    sync::SessionEnds end;
    bool refreshed;  // a refresh came to its end
    bool served;     // and the session was good for something after it
};

// Hands events over, if there are any. An end when the consumer wants one.
[[nodiscard]] std::optional<sync::SessionEnds> hand_over(
    SyncTask const& task, std::vector<sync::Event>& events
);

// For an error of the channel or of a small question: with the remedy, and the right reason.
[[nodiscard]] sync::SessionEnds end_of(SyncTask const& task, Error const& error);
// For an interrupt: whichever it is.
[[nodiscard]] sync::SessionEnds interrupted(SyncTask const& task);

// RFC 4533 refreshAndPersist, begun with `cookie`.
[[nodiscard]] SyncOutcome run_syncrepl(SyncTask const& task, std::optional<sync::Cookie> cookie);
// DirSync of Active Directory, woken by its update sequence number. A cookie of another server, or of
// one that has been restored since, is passed over.
[[nodiscard]] SyncOutcome run_dirsync(
    SyncTask const& task, std::optional<sync::Cookie> const& cookie
);
// Whole refreshes, page by page (RFC 2696).
[[nodiscard]] SyncOutcome run_poll(SyncTask const& task);

}  // namespace splitmx::ldap::net
