#include "smtp/net/connector.hpp"

#include "smtp/net/watchdog.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace splitmx::smtp::net {

namespace {

using Socket = asio::generic::stream_protocol::socket;
using Place = Socket::endpoint_type;

// Nothing for a path that is too long for the system.
std::optional<Place> to_place(UnixSocket const& socket) {
    sockaddr_un address{};
    if (socket.path.size() >= sizeof address.sun_path) return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.path.data(), socket.path.size());
    return Place(&address, sizeof address);
}

std::optional<Place> to_place(Endpoint const& endpoint) {
    SocketAddress const address(endpoint);
    return Place(address.data(), address.size(), IPPROTO_TCP);
}

// Whom it has reached; no endpoint for a Unix socket. One whose backlog is full looks connected to
// a reactor, and is not.
IoResult<std::optional<Endpoint>> reached_end(int socket) {
    SocketAddress peer;
    if (::getpeername(socket, peer.data(), &peer.size()) != 0) {
        return ErrorCode(asio::error::try_again);
    }
    return peer.endpoint();
}

// What the kernel takes ahead of a slow peer would count as sent, and the wait for the final reply
// begin while most of a large message is still here. Fails for a Unix socket, which needs it not.
void limit_unsent(int socket) {
    int const octets = 256 * 1024;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &octets, sizeof octets);
}

awaitable<IoResult<Connection>> connect_to(Candidate const& candidate, mail::Duration limit) {
    Executor const loop = co_await asio::this_coro::executor;
    auto const place =
        std::visit([](auto const& where) { return to_place(where); }, candidate.where);
    if (!place) co_return ErrorCode(ENAMETOOLONG, boost::system::system_category());
    Socket socket(loop);
    Watchdog watchdog(loop, [&socket] {
        ErrorCode ignored;
        socket.close(ignored);
    });
    watchdog.set(limit);
    auto const [error] = co_await socket.async_connect(*place, token);
    if (watchdog.expired()) co_return ErrorCode(asio::error::timed_out);
    if (error) co_return error;
    auto const peer = reached_end(socket.native_handle());
    if (!peer) co_return peer.error();
    limit_unsent(socket.native_handle());
    co_return Connection::adopt(std::move(socket), *peer);
}

}  // namespace

awaitable<ConnectOutcome> connect(
    std::vector<Candidate> candidates, mail::Duration per_address, std::size_t first
) {
    ConnectOutcome outcome;
    for (std::size_t i = first; i < candidates.size(); ++i) {
        auto connection = co_await connect_to(candidates[i], per_address);
        if (connection) {
            outcome.candidate = i;
            outcome.connection.emplace(std::move(*connection));
            break;
        }
        outcome.failures.emplace_back(i, candidates[i].text + ": " + connection.error().message());
    }
    co_return outcome;
}

}  // namespace splitmx::smtp::net
