#include "smtp/net/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <random>
#include <utility>

namespace splitmx::smtp::net {

namespace {

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

void set(int socket, int level, int option) {
    int const on = 1;
    ::setsockopt(socket, level, option, &on, sizeof on);
}

mail::Result<FileDescriptor> bind_to(Endpoint const& endpoint, bool joins) {
    int const family = endpoint.address.is_v4() ? AF_INET : AF_INET6;
    FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return failed("open a socket for", endpoint);
    set(socket.get(), SOL_SOCKET, SO_REUSEADDR);
    if (joins) set(socket.get(), SOL_SOCKET, SO_REUSEPORT);
    if (family == AF_INET6) set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY);
    SocketAddress const address(endpoint);
    if (::bind(socket.get(), address.data(), address.size()) != 0) return failed("bind", endpoint);
    return socket;
}

mail::Result<void> listen_on(FileDescriptor const& socket, Endpoint const& endpoint) {
    if (::listen(socket.get(), listen_backlog) != 0) return failed("listen on", endpoint);
    return {};
}

// The first one listens before it may be joined: so a port that another program listens on is
// found taken, even where that one would share it.
void join_others(std::vector<FileDescriptor>& sockets, Endpoint const& endpoint, std::size_t all) {
    if (all > 1) set(sockets.front().get(), SOL_SOCKET, SO_REUSEPORT);
    while (sockets.size() < all) {
        auto next = bind_to(endpoint, true);
        if (!next || !listen_on(*next, endpoint)) return;
        sockets.push_back(std::move(*next));
    }
}

}  // namespace

// What the loops share. Any thread.
struct Listener::Common {
    void tell(std::string const& problem);

    ListenerCallbacks callbacks;
    std::atomic<std::chrono::steady_clock::time_point> tells_from{};
};

void Listener::Common::tell(std::string const& problem) {
    auto const now = std::chrono::steady_clock::now();
    auto from = tells_from.load();
    if (now < from || !tells_from.compare_exchange_strong(from, now + problem_interval)) return;
    callbacks.on_problem(problem);
}

// One socket and the loop that accepts on it.
struct Listener::State {
    State(Executor loop, FileDescriptor listening, Listener const& of, std::size_t at)
        : socket(loop, listening.release()), pause(loop), endpoint(of.endpoint()), position(at) {}

    // Accepts all that wait; true when there is a shortage.
    bool accept_waiting();
    mail::Duration next_pause();
    void hand_over(Accepted accepted);
    // Any thread.
    bool is_stopped();
    void stop();
    // On the loop.
    void close();

    asio::posix::stream_descriptor socket;
    asio::steady_timer pause;
    Endpoint endpoint;
    std::size_t position;
    std::minstd_rand random{static_cast<unsigned>(position + 1)};
    std::shared_ptr<Common> common;
    std::mutex mutex{};  // the descriptor is not closed while it is stopped
    bool stopped = false;
};

bool Listener::State::is_stopped() {
    std::lock_guard const lock(mutex);
    return stopped;
}

// Its loop wakes, and closes it.
void Listener::State::stop() {
    std::lock_guard const lock(mutex);
    if (std::exchange(stopped, true)) return;
    ::shutdown(socket.native_handle(), SHUT_RDWR);
}

void Listener::State::close() {
    std::lock_guard const lock(mutex);
    stopped = true;
    ErrorCode ignored;
    socket.close(ignored);
    // What the callbacks hold may not live as long as this listener's owner.
    common.reset();
}

// Of changing length: the loop that is always the first to try again would get all there is.
mail::Duration Listener::State::next_pause() {
    std::uniform_int_distribution<mail::Duration::rep> any(0, accept_pause.count());
    return accept_pause / 2 + mail::Duration(any(random));
}

void Listener::State::hand_over(Accepted accepted) {
    auto seat = common->callbacks.choose(position);
    auto const loop = seat.loop;
    auto task = [seat = std::move(seat),
                 accepted = std::move(accepted),
                 shared = common]() mutable {
        auto connection = Connection::adopt(seat.loop, std::move(accepted.socket), accepted.peer);
        if (connection) shared->callbacks.on_connection(std::move(*connection));
    };
    // On the same loop, too: all that wait are accepted before the first session begins.
    asio::post(loop, std::move(task));
}

bool Listener::State::accept_waiting() {
    while (!is_stopped()) {
        auto accepted = accept_one(socket.native_handle());
        if (accepted) {
            hand_over(std::move(*accepted));
            continue;
        }
        AcceptFailure const failure = classify(accepted.error());
        if (failure == AcceptFailure::this_client) continue;
        if (failure == AcceptFailure::nothing_there || is_stopped()) return false;
        common->tell("cannot accept on " + endpoint.to_text() + ": " + accepted.error().message());
        return true;
    }
    return false;
}

mail::Result<Listener> Listener::open(Endpoint const& wanted, std::size_t loops) {
    auto socket = bind_to(wanted, false);
    if (!socket) return socket.error();
    if (auto const listening = listen_on(*socket, wanted); !listening) return listening.error();
    SocketAddress bound;
    if (::getsockname(socket->get(), bound.data(), &bound.size()) != 0) {
        return failed("ask for the port of", wanted);
    }
    Listener listener(bound.endpoint().value_or(wanted));
    listener.opened_.push_back(std::move(*socket));
    join_others(listener.opened_, listener.endpoint_, loops);
    return listener;
}

Listener& Listener::operator=(Listener&& other) noexcept {
    if (this != &other) {
        stop();
        endpoint_ = other.endpoint_;
        opened_ = std::move(other.opened_);
        started_ = std::move(other.started_);
    }
    return *this;
}

Listener::~Listener() { stop(); }

void Listener::start(std::vector<Executor> const& loops, ListenerCallbacks callbacks) {
    auto const common = std::make_shared<Common>();
    common->callbacks = std::move(callbacks);
    auto sockets = std::exchange(opened_, {});
    for (std::size_t i = 0; i < std::min(sockets.size(), loops.size()); ++i) {
        auto state = std::make_shared<State>(loops[i], std::move(sockets[i]), *this, i);
        state->common = common;
        started_.push_back(state);
        asio::co_spawn(loops[i], run(std::move(state)), asio::detached);
    }
}

awaitable<void> Listener::run(std::shared_ptr<State> state) {
    while (!state->is_stopped()) {
        if (state->accept_waiting()) {
            state->pause.expires_after(state->next_pause());
            co_await state->pause.async_wait(token);
            continue;
        }
        auto const [error] =
            co_await state->socket.async_wait(asio::posix::stream_descriptor::wait_read, token);
        if (error) break;
    }
    state->close();
}

void Listener::stop() {
    opened_.clear();
    for (auto const& state : std::exchange(started_, {})) state->stop();
}

}  // namespace splitmx::smtp::net
