// What the tests of dns and smtp/net share: running a coroutine to its end, and real sockets on
// loopback.
#pragma once

#include "smtp/net/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::smtp::net::test {

// Runs the loop until the coroutine is done. `meanwhile` is called when it waits for the first
// time.
template <class T>
T run(
    asio::io_context& loop, awaitable<T> operation, std::function<void()> meanwhile = [] {}
) {
    std::optional<T> outcome;
    std::exception_ptr thrown;
    asio::co_spawn(loop, std::move(operation), [&](std::exception_ptr error, T value) {
        thrown = error;
        outcome.emplace(std::move(value));
        loop.stop();
    });
    asio::post(loop, std::move(meanwhile));
    loop.restart();
    loop.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(outcome.value());
}

inline void require(bool holds, char const* step) {
    if (!holds) throw std::runtime_error(step);
}

inline Endpoint loopback(std::uint16_t port) {
    return Endpoint(mail::IpAddress::from_v4({127, 0, 0, 1}), port);
}

// A bound TCP socket that does not listen: connections to it are refused, and nobody else has it.
struct BoundSocket {
    FileDescriptor socket;
    Endpoint endpoint;
};

inline BoundSocket bind_loopback(int type) {
    FileDescriptor socket(::socket(AF_INET, type, 0));
    SocketAddress const wanted(loopback(0));
    require(::bind(socket.get(), wanted.data(), wanted.size()) == 0, "bind");
    SocketAddress bound;
    require(::getsockname(socket.get(), bound.data(), &bound.size()) == 0, "getsockname");
    return BoundSocket{std::move(socket), *bound.endpoint()};
}

inline FileDescriptor connect_plain(Endpoint const& endpoint) {
    SocketAddress const address(endpoint);
    FileDescriptor socket(::socket(endpoint.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM, 0));
    require(::connect(socket.get(), address.data(), address.size()) == 0, "connect");
    return socket;
}

// Two ends of one TCP connection.
struct TcpPair {
    FileDescriptor ours;
    FileDescriptor theirs;
};

inline TcpPair tcp_pair() {
    auto const listening = bind_loopback(SOCK_STREAM);
    require(::listen(listening.socket.get(), 1) == 0, "listen");
    auto theirs = connect_plain(listening.endpoint);
    FileDescriptor ours(::accept(listening.socket.get(), nullptr, nullptr));
    require(ours.is_open(), "accept");
    return TcpPair{std::move(ours), std::move(theirs)};
}

inline void send_plain(FileDescriptor const& socket, std::string_view octets) {
    auto const sent = ::send(socket.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    require(sent == static_cast<ssize_t>(octets.size()), "send");
}

// Waits for what comes; "" at the end.
inline std::string receive_plain(FileDescriptor const& socket) {
    std::string octets(65536, '\0');
    auto const got = ::recv(socket.get(), octets.data(), octets.size(), 0);
    require(got >= 0, "recv");
    octets.resize(static_cast<std::size_t>(got));
    return octets;
}

}  // namespace splitmx::smtp::net::test
