#include "directory/sync_settings.hpp"

#include "directory/servers.hpp"
#include "schema/recipient_filter.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::directory {

namespace {

ldap::SyncChoice choice_of(config::SyncMode mode) {
    switch (mode) {
        case config::SyncMode::syncrepl:
            return ldap::SyncChoice::syncrepl;
        case config::SyncMode::dirsync:
            return ldap::SyncChoice::dirsync;
        case config::SyncMode::poll:
            return ldap::SyncChoice::poll;
        case config::SyncMode::automatic:
        case config::SyncMode::off:
            break;
    }
    return ldap::SyncChoice::automatic;
}

}  // namespace

ldap::net::SyncSettings sync_settings(config::Directory const& directory, ldap::Dn base) {
    ldap::net::SyncSettings sync;
    auto const servers = servers_of(directory);
    sync.connect = servers.front();
    for (auto const& server : servers) {
        sync.uris.push_back(server.uri);
        sync.connect.starttls = sync.connect.starttls || server.starttls;
    }
    sync.base = std::move(base);
    sync.filter = directory.profile.filter;
    sync.attributes = schema::requested_attributes(directory.profile);
    sync.links = schema::link_attributes(directory.profile);
    sync.choice = choice_of(directory.sync);
    // Heard of twice within `fresh`, so that one slow answer does not make a copy stale.
    sync.heartbeat = std::clamp<std::chrono::milliseconds>(
        directory.fresh / 3, std::chrono::milliseconds(200), sync.heartbeat
    );
    sync.answer_timeout = std::max(directory.timeout, std::chrono::milliseconds(1'000));
    sync.poll_interval = directory.refresh;
    sync.retry_max = std::chrono::seconds(15);
    return sync;
}

}  // namespace splitmx::directory
