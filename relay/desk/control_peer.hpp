// Who is at the other end of a Unix socket, and whether they may steer the relay.
// Threads: any. Source: unix(7), SO_PEERCRED; contract of the control socket.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::relay::desk {

struct ControlPeer {
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = 0;
    std::string name;  // of the user; its number where it has none

    std::string to_text() const;  // "anna (uid 1000, pid 4711)"
};

std::optional<ControlPeer> peer_of(int socket);

// The groups of a user, its own first.
std::vector<gid_t> groups_of(ControlPeer const& peer);

bool may_control(
    ControlPeer const& peer, std::vector<gid_t> const& groups, uid_t own, gid_t socket_group
);

}  // namespace splitmx::relay::desk
