#include "ldap/net/socket.hpp"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace splitmx::ldap::net {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

struct AddressesDeleter {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

[[nodiscard]] Error system_error(std::string_view doing, int number) {
    auto const code = number == ETIMEDOUT ? Errc::timeout : Errc::unreachable;
    return {code, fmt::format("{}: {}", doing, std::strerror(number))};
}

[[nodiscard]] Result<Descriptor> connect_address(
    int family, sockaddr const* address, socklen_t length, Patience const& patience
) {
    Descriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return system_error("socket", errno);
    if (::connect(fd.get(), address, length) == 0) return fd;
    if (errno != EINPROGRESS) return system_error("connect", errno);
    if (auto error = patience.wait(fd.get(), POLLOUT, "connect")) return *error;
    int failure = 0;
    socklen_t size = sizeof failure;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure != 0) return system_error("connect", failure);
    return fd;
}

// libldap sets none of these. Without TCP_NODELAY a bind over TLS takes 40 ms; the others find a
// dead network (a dead server process is found by the deadline of a search).
void set_tcp_options(int fd) {
    auto const set = [fd](int level, int option, int value) {
        ::setsockopt(fd, level, option, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

}  // namespace

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Patience::Patience(milliseconds limit, std::stop_token stop)
    : stop_(std::move(stop)), deadline_(Clock::now() + limit) {}

milliseconds Patience::left() const {
    auto const left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
    return std::max(left, milliseconds::zero());
}

std::optional<Error> Patience::wait(int fd, short events, std::string_view doing) const {
    for (;;) {
        if (stop_.stop_requested()) return Error(Errc::stopped, "the program is ending");
        auto const time = left();
        if (time == milliseconds::zero()) {
            return Error(Errc::timeout, fmt::format("{}: no answer in time", doing));
        }
        pollfd item{fd, events, 0};
        auto const slice = std::min(time, milliseconds(100));
        auto const count = ::poll(&item, 1, static_cast<int>(slice.count()));
        if (count > 0) return std::nullopt;
        if (count < 0 && errno != EINTR) return system_error(doing, errno);
    }
}

Result<Descriptor> connect_local(std::string_view path, Patience const& patience) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return Error(Errc::syntax, "the path of the socket is too long");
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    return connect_address(
        AF_UNIX, reinterpret_cast<sockaddr const*>(&address), sizeof address, patience
    );
}

Result<Descriptor> connect_tcp(std::string const& host, int port, Patience const& patience) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* raw = nullptr;
    auto const code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw);
    std::unique_ptr<addrinfo, AddressesDeleter> const list(code == 0 ? raw : nullptr);
    if (code != 0) {
        return Error(Errc::unreachable, fmt::format("'{}': {}", host, ::gai_strerror(code)));
    }
    Error last(Errc::unreachable, "no address");
    for (auto const* item = list.get(); item != nullptr; item = item->ai_next) {
        auto fd = connect_address(item->ai_family, item->ai_addr, item->ai_addrlen, patience);
        if (!fd) {
            last = fd.error();
            continue;
        }
        set_tcp_options(fd->get());
        return fd;
    }
    return last;
}

}  // namespace splitmx::ldap::net
