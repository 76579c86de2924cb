#include "smtp/net/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace splitmx::smtp::net {

namespace {

// A peer that sends faster than we work would keep the loop to itself.
constexpr unsigned reads_before_others = 16;
constexpr std::size_t pieces_at_once = 16;
constexpr std::size_t record_octets = 16 * 1024;  // RFC 8446 5.1

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

    IoResult<std::size_t> send(int socket, int flags) const {
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
            auto const sent = ::sendmsg(socket, &message, flags | MSG_NOSIGNAL);
            if (sent >= 0) return static_cast<std::size_t>(sent);
            if (errno != EINTR) return last_error();
        }
    }

    // The first octets of it, in one piece; the same as long as nothing has advanced. Of a single
    // piece no copy is made.
    std::string_view gather(std::span<char> into) const {
        auto const first = pieces_.front().substr(sent_of_first_);
        if (pieces_.size() == 1 || first.size() >= into.size()) return first.substr(0, into.size());
        std::size_t size = 0;
        for (std::size_t i = 0; i < pieces_.size() && size < into.size(); ++i) {
            auto const piece = i == 0 ? first : pieces_[i];
            auto const part = piece.substr(0, into.size() - size);
            std::copy(part.begin(), part.end(), into.begin() + static_cast<std::ptrdiff_t>(size));
            size += part.size();
        }
        return {into.data(), size};
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

int family_of(mail::IpAddress const& address) { return address.is_v4() ? AF_INET : AF_INET6; }

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

void Connection::stand_for(Endpoint peer, Endpoint local) {
    front_end_ = peer_;
    peer_ = peer;
    local_ = local;
}

IoResult<Connection> Connection::adopt(
    Executor executor, FileDescriptor descriptor, std::optional<Endpoint> peer
) {
    int const number = descriptor.get();
    int const family = peer ? family_of(peer->address) : family_of(number);
    asio::generic::stream_protocol const protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP);
    Socket socket(std::move(executor));
    ErrorCode error;
    socket.assign(protocol, number, error);
    if (error) return error;
    descriptor.release();
    if (!peer && family != AF_UNIX) peer = far_end(number);
    return adopt(std::move(socket), peer);
}

IoResult<Connection> Connection::adopt(Socket socket, std::optional<Endpoint> peer) {
    int const number = socket.native_handle();
    ErrorCode error;
    if (!socket.native_non_blocking()) socket.native_non_blocking(true, error);
    if (error) return error;
    // A reply must not wait for the acknowledgement of the one before. It fails on a connection
    // that is gone already, which the first read will tell, and on a Unix socket, which needs it
    // not.
    int const on = 1;
    ::setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Connection(std::move(socket), peer, local_end(number));
}

awaitable<ErrorCode> Connection::wait(Socket::wait_type readiness) {
    auto const [error] = co_await socket_.async_wait(readiness, token);
    co_return failure(error);
}

// Here idle connections wait: one frame for each, and none around it.
awaitable<IoResult<std::size_t>> Connection::read_some(std::span<char> into) {
    return tls_ ? read_some_tls(into) : read_some_in_clear(into);
}

bool Connection::is_turn_of_others() {
    if (++reads_in_a_row_ < reads_before_others) return false;
    reads_in_a_row_ = 0;
    return true;
}

awaitable<IoResult<std::size_t>> Connection::read_some_in_clear(std::span<char> into) {
    if (is_turn_of_others()) co_await asio::post(socket_.get_executor(), token);
    for (;;) {
        if (!is_open()) co_return failure(asio::error::bad_descriptor);
        if (!std::exchange(is_drained_, false)) {
            auto const got = receive(socket_.native_handle(), into);
            // Of a stream: fewer than there is room for are all (epoll(7)); the end is told again.
            if (got) is_drained_ = *got > 0 && *got < into.size();
            if (got || !would_block(got.error())) co_return got;
        }
        reads_in_a_row_ = 0;
        auto const [error] = co_await socket_.async_wait(Socket::wait_read, token);
        if (failure(error)) co_return failure(error);
    }
}

bool Connection::has_input() {
    char octet = 0;
    if (!is_open() || is_tls()) return false;
    return ::recv(socket_.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

awaitable<IoResult<void>> Connection::write_all(std::string_view octets, Followed followed) {
    std::span<std::string_view const> const pieces(&octets, 1);
    if (tls_) co_return co_await write_all_tls(pieces);
    co_return co_await write_all_in_clear(pieces, followed == Followed::by_end ? MSG_MORE : 0);
}

awaitable<IoResult<void>> Connection::write_all(std::span<std::string_view const> pieces) {
    return tls_ ? write_all_tls(pieces) : write_all_in_clear(pieces, 0);
}

awaitable<IoResult<void>> Connection::write_all_in_clear(
    std::span<std::string_view const> pieces, int flags
) {
    Remainder rest(pieces);
    while (!rest.empty()) {
        if (!is_open()) co_return failure(asio::error::bad_descriptor);
        auto const sent = rest.send(socket_.native_handle(), flags);
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

awaitable<mail::Result<tls::Agreed>> Connection::accept_tls(tls::ContextPtr context) {
    tls_ = std::make_unique<tls::Stream>(
        tls::Stream::server(std::move(context), socket_.native_handle())
    );
    return shake_hands();
}

awaitable<mail::Result<tls::Agreed>> Connection::connect_tls(
    tls::ContextPtr context, tls::Peer peer
) {
    tls_ = std::make_unique<tls::Stream>(
        tls::Stream::client(std::move(context), socket_.native_handle(), peer)
    );
    return shake_hands();
}

awaitable<mail::Result<tls::Agreed>> Connection::shake_hands() {
    for (;;) {
        if (!is_open()) {
            ErrorCode const closed = failure(asio::error::bad_descriptor);
            co_return mail::Error(closed.message(), 0);
        }
        auto const progress = tls_->handshake();
        if (progress.kind == tls::Progress::Kind::done) co_return tls_->agreed();
        if (progress.kind == tls::Progress::Kind::failed) {
            co_return mail::Error(tls_->failure(), 0);
        }
        if (progress.kind == tls::Progress::Kind::ended) {
            co_return mail::Error("the peer ended it", 0);
        }
        ErrorCode const error = co_await wait(readiness_for(progress.kind));
        if (error) co_return mail::Error(error.message(), 0);
    }
}

Connection::Socket::wait_type Connection::readiness_for(tls::Progress::Kind kind) {
    return kind == tls::Progress::Kind::wants_write ? Socket::wait_write : Socket::wait_read;
}

ErrorCode Connection::tls_failure() const {
    return failure(ErrorCode(tls_->system_error(), boost::system::system_category()));
}

awaitable<IoResult<std::size_t>> Connection::read_some_tls(std::span<char> into) {
    if (is_turn_of_others()) co_await asio::post(socket_.get_executor(), token);
    for (;;) {
        if (!is_open()) co_return failure(asio::error::bad_descriptor);
        auto const progress = tls_->read(into);
        if (progress.kind == tls::Progress::Kind::done) co_return progress.octets;
        if (progress.kind == tls::Progress::Kind::ended) co_return std::size_t(0);
        if (progress.kind == tls::Progress::Kind::failed) co_return tls_failure();
        reads_in_a_row_ = 0;
        auto const [error] = co_await socket_.async_wait(readiness_for(progress.kind), token);
        if (failure(error)) co_return failure(error);
    }
}

awaitable<IoResult<void>> Connection::write_all_tls(std::span<std::string_view const> pieces) {
    // One for all connections of the thread: what did not go out is gathered again.
    thread_local std::array<char, record_octets> record;
    Remainder rest(pieces);
    while (!rest.empty()) {
        if (!is_open()) co_return failure(asio::error::bad_descriptor);
        auto const progress = tls_->write(rest.gather(record));
        if (progress.kind == tls::Progress::Kind::done) {
            rest.advance(progress.octets);
            continue;
        }
        if (progress.kind == tls::Progress::Kind::failed) co_return tls_failure();
        if (progress.kind == tls::Progress::Kind::ended) {
            co_return failure(asio::error::broken_pipe);
        }
        ErrorCode const error = co_await wait(readiness_for(progress.kind));
        if (error) co_return error;
    }
    co_return IoResult<void>();
}

ErrorCode Connection::shut_down_write() {
    if (tls_ && is_open()) tls_->say_end();
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
