// A TCP address that is listened on. Each loop has a socket of its own there and accepts what the
// kernel gives to it (SO_REUSEPORT, see socket(7)); `choose` may send a connection to another loop,
// and where it ends up it belongs. To others the port is taken, as with a single socket. IPv6
// listens for IPv6 only. Port 0 takes any free port; endpoint() tells which.
// Ownership: of the sockets; callbacks may outlive it by one call for each loop. It is stopped
// before its loops are gone. Threads: one; `choose` and `on_problem` are called on the accepting
// loop, `on_connection` on the chosen one. Errors: opening tells why it failed; where the kernel
// gives no second socket, the first loop accepts for all. A shortage of descriptors or memory is
// told to on_problem, at most once in `problem_interval` for all loops, and accepting goes on after
// a short pause; a client that is gone already is passed over.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"
#include "smtp/net/connection.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::smtp::net {

inline constexpr int listen_backlog = 511;
inline constexpr mail::Duration accept_pause{200};  // on an average
inline constexpr mail::Duration problem_interval{1000};

// The loop that a connection goes to. `place` is kept until it has been delivered there, or closed:
// whoever chooses for the next one can count those that are on their way.
struct Seat {
    Executor loop;
    std::shared_ptr<void> place{};
};

struct ListenerCallbacks {
    // `accepting` counts from 0: the loop that has accepted it.
    std::function<Seat(std::size_t accepting)> choose;
    std::function<void(Connection)> on_connection;
    std::function<void(std::string const& what)> on_problem;
};

class Listener {
public:
    static mail::Result<Listener> open(Endpoint const& endpoint, std::size_t loops = 1);
    Listener(Listener&&) noexcept = default;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();

    // Begins to accept; before that, connections wait in the backlog.
    void start(std::vector<Executor> const& loops, ListenerCallbacks callbacks);
    // Nobody listens any more when it returns, and the port is free. Connections that were handed
    // over live on.
    void stop();
    // The address and the true port.
    Endpoint const& endpoint() const { return endpoint_; }

private:
    struct Common;
    struct State;
    explicit Listener(Endpoint const& endpoint) : endpoint_(endpoint) {}
    static awaitable<void> run(std::shared_ptr<State> state);

    Endpoint endpoint_;
    std::vector<FileDescriptor> opened_;  // until they are started
    std::vector<std::shared_ptr<State>> started_;
};

}  // namespace splitmx::smtp::net
