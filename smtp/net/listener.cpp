#include "smtp/net/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/in.h>

#include <cerrno>

namespace splitmx::smtp::net {

namespace {

ErrorCode last_error() { return ErrorCode(errno, boost::system::system_category()); }

mail::Error failed(char const* step, Endpoint const& endpoint) {
    return mail::Error{
        "cannot " + std::string(step) + " " + endpoint.to_text() + ": " + last_error().message(),
        0};
}

// Accepted, but not yet of any loop.
struct Accepted {
    FileDescriptor socket;
    std::optional<Endpoint> peer;
};

IoResult<Accepted> accept_one(int listening) {
    SocketAddress peer;
    FileDescriptor socket(
        ::accept4(listening, peer.data(), &peer.size(), SOCK_NONBLOCK | SOCK_CLOEXEC)
    );
    if (!socket.is_open()) return last_error();
    return Accepted{std::move(socket), peer.endpoint()};
}

enum class AcceptFailure { nothing_there, this_client, shortage };

// accept(2): errors of the network under a new connection concern that connection alone.
AcceptFailure classify(ErrorCode const& error) {
    switch (error.value()) {
        case EAGAIN:
            return AcceptFailure::nothing_there;
        case EINTR:
        case ECONNABORTED:
        case EPERM:
        case EPROTO:
        case ENETDOWN:
        case ENOPROTOOPT:
        case EHOSTDOWN:
        case ENONET:
        case EHOSTUNREACH:
        case EOPNOTSUPP:
        case ENETUNREACH:
            return AcceptFailure::this_client;
        default:
            return AcceptFailure::shortage;
    }
}

}  // namespace

struct Listener::State {
    State(Executor executor, FileDescriptor listening, Endpoint where)
        : socket(executor, listening.release()), pause(executor), endpoint(where) {}

    // Accepts all that wait; true when there is a shortage.
    bool accept_waiting();
    void hand_over(Accepted accepted);

    asio::posix::stream_descriptor socket;
    asio::steady_timer pause;
    Endpoint endpoint;
    ListenerCallbacks callbacks;
};

void Listener::State::hand_over(Accepted accepted) {
    auto seat = callbacks.choose();
    auto const loop = seat.loop;
    auto task = [seat = std::move(seat),
                 accepted = std::move(accepted),
                 deliver = callbacks.on_connection]() mutable {
        auto connection = Connection::adopt(seat.loop, std::move(accepted.socket), accepted.peer);
        if (connection) deliver(std::move(*connection));
    };
    asio::post(loop, std::move(task));
}

bool Listener::State::accept_waiting() {
    while (socket.is_open()) {
        auto accepted = accept_one(socket.native_handle());
        if (accepted) {
            hand_over(std::move(*accepted));
            continue;
        }
        AcceptFailure const failure = classify(accepted.error());
        if (failure == AcceptFailure::this_client) continue;
        if (failure == AcceptFailure::nothing_there) return false;
        callbacks.on_problem(
            "cannot accept on " + endpoint.to_text() + ": " + accepted.error().message()
        );
        return true;
    }
    return false;
}

mail::Result<Listener> Listener::open(Executor executor, Endpoint const& wanted) {
    int const family = wanted.address.is_v4() ? AF_INET : AF_INET6;
    FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return failed("open a socket for", wanted);
    int const on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    SocketAddress const address(wanted);
    if (::bind(socket.get(), address.data(), address.size()) != 0) return failed("bind", wanted);
    if (::listen(socket.get(), listen_backlog) != 0) return failed("listen on", wanted);
    SocketAddress bound;
    if (::getsockname(socket.get(), bound.data(), &bound.size()) != 0) {
        return failed("ask for the port of", wanted);
    }
    auto const endpoint = bound.endpoint().value_or(wanted);
    return Listener(std::make_shared<State>(std::move(executor), std::move(socket), endpoint));
}

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
    if (this != &other) {
        stop();
        state_ = std::move(other.state_);
    }
    return *this;
}

Listener::~Listener() { stop(); }

void Listener::start(ListenerCallbacks callbacks) {
    state_->callbacks = std::move(callbacks);
    asio::co_spawn(state_->socket.get_executor(), run(state_), asio::detached);
}

awaitable<void> Listener::run(std::shared_ptr<State> state) {
    while (state->socket.is_open()) {
        if (state->accept_waiting()) {
            state->pause.expires_after(accept_pause);
            co_await state->pause.async_wait(token);
            continue;
        }
        auto const [error] =
            co_await state->socket.async_wait(asio::posix::stream_descriptor::wait_read, token);
        if (error) break;
    }
    // What the callbacks hold may not live as long as this listener's owner.
    state->callbacks = ListenerCallbacks();
}

void Listener::stop() {
    if (!state_) return;
    ErrorCode ignored;
    state_->socket.close(ignored);
    state_->pause.cancel();
}

Endpoint const& Listener::endpoint() const { return state_->endpoint; }

}  // namespace splitmx::smtp::net
