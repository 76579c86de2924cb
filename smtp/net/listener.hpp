// A listening TCP socket. It accepts on one loop and hands every connection to the loop that
// `choose` names; from then on the connection belongs to that loop. IPv6 listens for IPv6 only.
// Port 0 takes any free port; endpoint() tells which. Ownership: owns the socket; callbacks may
// outlive it by one call. Threads: open(), stop() and the destructor where the accepting loop runs
// or before it does; `choose` and `on_problem` are called on the accepting loop, `on_connection` on
// the chosen one. Errors: opening tells why it failed. A shortage of descriptors or memory is told
// to on_problem, and accepting goes on after a short pause; a client that is gone already is passed
// over.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"
#include "smtp/net/connection.hpp"

#include <functional>
#include <memory>
#include <string>

namespace splitmx::smtp::net {

inline constexpr int listen_backlog = 511;
inline constexpr mail::Duration accept_pause{200};

// The loop that a connection goes to. `place` is kept until it has been delivered there, or closed:
// whoever chooses for the next one can count those that are on their way.
struct Seat {
    Executor loop;
    std::shared_ptr<void> place{};
};

struct ListenerCallbacks {
    std::function<Seat()> choose;
    std::function<void(Connection)> on_connection;
    std::function<void(std::string const& what)> on_problem;
};

class Listener {
public:
    static mail::Result<Listener> open(Executor executor, Endpoint const& endpoint);
    Listener(Listener&&) noexcept = default;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();

    // Begins to accept; before that, connections wait in the backlog.
    void start(ListenerCallbacks callbacks);
    // Accepts nothing more and closes the socket. Connections that were handed over live on.
    void stop();
    // The address and the true port.
    Endpoint const& endpoint() const;

private:
    struct State;
    explicit Listener(std::shared_ptr<State> state);
    static awaitable<void> run(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

}  // namespace splitmx::smtp::net
