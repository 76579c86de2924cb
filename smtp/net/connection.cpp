#include "smtp/net/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace splitmx::smtp::net {

namespace {

// A peer that sends faster than we work would keep the loop to itself.
constexpr unsigned reads_before_others = 16;
constexpr std::size_t pieces_at_once = 16;

ErrorCode last_error() { return ErrorCode(errno, boost::system::system_category()); }

bool would_block(ErrorCode const& error) {
    return error == asio::error::would_block || error == asio::error::try_again;
}

IoResult<std::size_t> receive(int socket, std::span<char> into) {
    for (;;) {
        auto const got = ::recv(socket, into.data(), into.size(), 0);
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return last_error();
    }
}

// What is still to be sent of a list of pieces.
class Remainder {
public:
    explicit Remainder(std::span<std::string_view const> pieces) : pieces_(pieces) { skip_empty(); }

    bool empty() const { return pieces_.empty(); }

    IoResult<std::size_t> send(int socket) const {
        std::array<iovec, pieces_at_once> vector{};
        std::size_t const count = std::min(pieces_.size(), vector.size());
        for (std::size_t i = 0; i < count; ++i) {
            auto const piece = pieces_[i].substr(i == 0 ? sent_of_first_ : 0);
            vector[i].iov_base = const_cast<char*>(piece.data());
            vector[i].iov_len = piece.size();
        }
        msghdr message{};
        message.msg_iov = vector.data();
        message.msg_iovlen = count;
        for (;;) {
            auto const sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
            if (sent >= 0) return static_cast<std::size_t>(sent);
            if (errno != EINTR) return last_error();
        }
    }

    void advance(std::size_t octets) {
        while (octets > 0) {
            std::size_t const left = pieces_.front().size() - sent_of_first_;
            std::size_t const step = std::min(octets, left);
            sent_of_first_ += step;
            octets -= step;
            skip_empty();
        }
    }

private:
    void skip_empty() {
        while (!pieces_.empty() && sent_of_first_ == pieces_.front().size()) {
            pieces_ = pieces_.subspan(1);
            sent_of_first_ = 0;
        }
    }

    std::span<std::string_view const> pieces_;
    std::size_t sent_of_first_ = 0;
};

int family_of(int socket) {
    int family = AF_UNSPEC;
    socklen_t size = sizeof family;
    ::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
    return family;
}

std::optional<Endpoint> local_end(int socket) {
    SocketAddress address;
    if (::getsockname(socket, address.data(), &address.size()) != 0) return std::nullopt;
    return address.endpoint();
}

std::optional<Endpoint> far_end(int socket) {
    SocketAddress address;
    if (::getpeername(socket, address.data(), &address.size()) != 0) return std::nullopt;
    return address.endpoint();
}

}  // namespace

Connection::Connection(Socket socket, std::optional<Endpoint> peer, std::optional<Endpoint> local)
    : socket_(std::move(socket)), peer_(peer), local_(local) {}

IoResult<Connection> Connection::adopt(
    Executor executor, FileDescriptor descriptor, std::optional<Endpoint> peer
) {
    int const number = descriptor.get();
    int const family = family_of(number);
    if (family != AF_UNIX) {
        // A reply must not wait for the acknowledgement of the one before. It fails on a connection
        // that is gone already, which the first read will tell.
        int const on = 1;
        ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    asio::generic::stream_protocol const protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP);
    Socket socket(std::move(executor));
    ErrorCode error;
    socket.assign(protocol, number, error);
    if (error) return error;
    descriptor.release();
    socket.native_non_blocking(true, error);
    if (error) return error;
    if (!peer) peer = far_end(number);
    return Connection(std::move(socket), peer, local_end(number));
}

awaitable<ErrorCode> Connection::wait(Socket::wait_type readiness) {
    auto const [error] = co_await socket_.async_wait(readiness, token);
    co_return failure(error);
}

awaitable<IoResult<std::size_t>> Connection::read_some(std::span<char> into) {
    if (++reads_in_a_row_ >= reads_before_others) {
        reads_in_a_row_ = 0;
        co_await asio::post(socket_.get_executor(), token);
    }
    for (;;) {
        if (!is_open()) co_return failure(asio::error::bad_descriptor);
        auto const got = receive(socket_.native_handle(), into);
        if (got || !would_block(got.error())) co_return got;
        reads_in_a_row_ = 0;
        ErrorCode const error = co_await wait(Socket::wait_read);
        if (error) co_return error;
    }
}

awaitable<IoResult<void>> Connection::write_all(std::string_view octets) {
    std::span<std::string_view const> const pieces(&octets, 1);
    co_return co_await write_all(pieces);
}

awaitable<IoResult<void>> Connection::write_all(std::span<std::string_view const> pieces) {
    Remainder rest(pieces);
    while (!rest.empty()) {
        if (!is_open()) co_return failure(asio::error::bad_descriptor);
        auto const sent = rest.send(socket_.native_handle());
        if (sent) {
            rest.advance(*sent);
            continue;
        }
        if (!would_block(sent.error())) co_return sent.error();
        ErrorCode const error = co_await wait(Socket::wait_write);
        if (error) co_return error;
    }
    co_return IoResult<void>();
}

ErrorCode Connection::shut_down_write() {
    ErrorCode error;
    socket_.shutdown(Socket::shutdown_send, error);
    return error;
}

void Connection::close() {
    ErrorCode ignored;
    socket_.close(ignored);
}

void Connection::abort(ErrorCode reason) {
    reason_ = reason;
    close();
}

}  // namespace splitmx::smtp::net
