#include "relay/ready.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace splitmx::relay {

std::string ready_line(std::vector<std::string> const& endpoints) {
    return fmt::format("ready smtp={} admin=off", fmt::join(endpoints, ","));
}

void notify_supervisor(std::string_view state) {
    char const* const path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (!path || (path[0] != '/' && path[0] != '@')) return;
    auto const length = std::strlen(path);
    if (length >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = '\0';
    int const socket_fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_fd < 0) return;
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // Nothing to do when it fails: a supervisor that does not listen is no fault of the relay.
    (void)::sendto(
        socket_fd,
        state.data(),
        state.size(),
        MSG_NOSIGNAL,
        reinterpret_cast<sockaddr const*>(&address),
        size
    );
    ::close(socket_fd);
}

}  // namespace splitmx::relay
