// The open listeners, and how a new configuration replaces them: an address that stays keeps its
// socket and its sessions, a new one opens, one that is gone takes no more connections.
// Threads: the main loop's; `choose` runs on the loop that has accepted a connection,
// `on_connection` on the one that was chosen for it.
// Ownership: of the sockets; a Prepared that is dropped closes what it opened. Errors: prepare()
// tells which address could not be opened, and nothing has changed. Where one of our own sockets is
// in the way that closes anyway (127.0.0.1:25 becomes 0.0.0.0:25), only take() can open: it closes
// that one first, and opens it again when the new one fails; then, too, nothing has changed.
#pragma once

#include "config/config.hpp"
#include "observe/log.hpp"
#include "relay/meters.hpp"
#include "relay/present.hpp"
#include "smtp/net/listener.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace splitmx::relay {

// One listening socket; shared with the sessions that came through it.
struct Door {
    Present<config::Listener> listener;
    std::atomic<std::size_t> sessions = 0;
    std::atomic<std::size_t> turned_away = 0;  // of them, those that may only say QUIT
    ReplyCounts replies;
};
using DoorPtr = std::shared_ptr<Door>;

class Listeners {
public:
    struct Opened {
        config::Endpoint configured;
        DoorPtr door;
        std::shared_ptr<smtp::net::Listener> socket;
        bool accepting = false;
    };
    struct Prepared {
        struct Place {
            Opened opened;
            std::shared_ptr<config::Listener const> listener;
            bool postponed = false;  // opened.socket is null until take()
        };
        std::vector<Place> places;

        std::vector<std::uint16_t> ports() const;
    };
    struct Callbacks {
        std::vector<smtp::net::Executor> loops;
        std::function<smtp::net::Seat(std::size_t accepting)> choose;
        std::function<void(DoorPtr, smtp::net::Connection)> on_connection;
    };
    struct View {
        std::string name;
        std::string endpoint;
        std::size_t sessions = 0;
        std::vector<ReplyCounts::Count> replies{};  // since it was opened
    };

    // `loops` accept, those that start() names.
    Listeners(std::size_t loops, observe::Log& log) : loops_(loops), log_(log) {}

    mail::Result<Prepared> prepare(std::vector<config::Listener> const& listeners) const;
    mail::Result<void> take(Prepared prepared);
    // Accepts on everything that is open; what take() opens later accepts at once.
    void start(Callbacks callbacks);
    void stop();

    // In the order of the configuration.
    std::vector<View> views() const;

private:
    Opened const* find(
        config::Endpoint const& endpoint, std::string const& name, Prepared const& taken
    ) const;
    mail::Result<void> open(Prepared::Place& place) const;
    bool closes_on_port(std::uint16_t port, Prepared const& prepared) const;
    mail::Result<void> open_postponed(Prepared& prepared);
    void accept_on(Opened& opened);

    std::size_t const loops_;
    observe::Log& log_;
    Callbacks callbacks_;
    std::vector<Opened> opened_;
};

}  // namespace splitmx::relay
