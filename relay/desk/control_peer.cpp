#include "relay/desk/control_peer.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace splitmx::relay::desk {

namespace {

std::string name_of(uid_t uid) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        return entry.pw_name;
    }
    return fmt::format("{}", uid);
}

}  // namespace

std::string ControlPeer::to_text() const {
    return fmt::format("{} (uid {}, pid {})", name, uid, pid);
}

std::optional<ControlPeer> peer_of(int socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
        return std::nullopt;
    }
    return ControlPeer{credentials.uid, credentials.gid, credentials.pid, name_of(credentials.uid)};
}

std::vector<gid_t> groups_of(ControlPeer const& peer) {
    std::vector<gid_t> groups(256);
    int count = static_cast<int>(groups.size());
    if (::getgrouplist(peer.name.c_str(), peer.gid, groups.data(), &count) < 0) {
        return {peer.gid};
    }
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

// The group of a daemon that runs as root is root's: nobody else is let in by it.
bool may_control(
    ControlPeer const& peer, std::vector<gid_t> const& groups, uid_t own, gid_t socket_group
) {
    return peer.uid == 0 || peer.uid == own ||
           std::find(groups.begin(), groups.end(), socket_group) != groups.end();
}

}  // namespace splitmx::relay::desk
