#include "relay/listeners.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace {

namespace net = smtp::net;

bool is_in(Listeners::Prepared const& prepared, Listeners::Opened const& opened) {
    return std::any_of(prepared.places.begin(), prepared.places.end(), [&](auto const& place) {
        return place.opened.socket == opened.socket;
    });
}

}  // namespace

std::vector<std::uint16_t> Listeners::Prepared::ports() const {
    std::vector<std::uint16_t> all;
    for (auto const& place : places) all.push_back(place.opened.socket->endpoint().port);
    return all;
}

// Port 0 is any free port: such a socket is known by its listener's name.
mail::Result<Listeners::Opened> Listeners::open(
    config::Endpoint const& endpoint, std::string const& name, Prepared const& taken
) const {
    for (auto const& opened : opened_) {
        bool const same = opened.configured == endpoint &&
                          (endpoint.port != 0 || opened.door->listener.get()->name == name);
        if (same && !is_in(taken, opened)) return opened;
    }
    auto socket = net::Listener::open(loop_, net::Endpoint(endpoint.address, endpoint.port));
    if (!socket) return socket.error();
    Opened opened;
    opened.configured = endpoint;
    opened.door = std::make_shared<Door>();
    opened.socket = std::make_shared<net::Listener>(std::move(*socket));
    return opened;
}

mail::Result<Listeners::Prepared> Listeners::prepare(std::vector<config::Listener> const& listeners
) const {
    Prepared prepared;
    for (auto const& one : listeners) {
        auto const listener = std::make_shared<config::Listener const>(one);
        for (auto const& endpoint : one.addresses) {
            auto opened = open(endpoint, one.name, prepared);
            if (!opened) return mail::Error{one.source + ": " + opened.error().what, 0};
            prepared.places.push_back({std::move(*opened), listener});
        }
    }
    return prepared;
}

void Listeners::take(Prepared prepared) {
    for (auto& opened : opened_) {
        if (is_in(prepared, opened)) continue;
        opened.socket->stop();
        log_.write(observe::ListenerClosed{
            opened.door->listener.get()->name, opened.socket->endpoint().to_text()});
    }
    opened_.clear();
    for (auto& [opened, listener] : prepared.places) {
        bool const is_new = opened.door->listener.set(listener) == nullptr;
        if (is_new) {
            log_.write(observe::ListenerOpened{listener->name, opened.socket->endpoint().to_text()}
            );
        }
        opened_.push_back(std::move(opened));
    }
    if (!callbacks_.choose) return;
    for (auto& opened : opened_) accept_on(opened);
}

void Listeners::start(Callbacks callbacks) {
    callbacks_ = std::move(callbacks);
    for (auto& opened : opened_) accept_on(opened);
}

void Listeners::accept_on(Opened& opened) {
    if (std::exchange(opened.accepting, true)) return;
    net::ListenerCallbacks callbacks;
    callbacks.choose = callbacks_.choose;
    callbacks.on_connection = [take = callbacks_.on_connection,
                               door = opened.door](net::Connection connection) {
        take(door, std::move(connection));
    };
    callbacks.on_problem = [&log = log_](std::string const& what) { log.warn("listen", what); };
    opened.socket->start(std::move(callbacks));
}

void Listeners::stop() {
    for (auto& opened : opened_) opened.socket->stop();
}

std::vector<Listeners::View> Listeners::views() const {
    std::vector<View> all;
    for (auto const& opened : opened_) {
        all.push_back(
            {opened.door->listener.get()->name,
             opened.socket->endpoint().to_text(),
             opened.door->sessions}
        );
    }
    return all;
}

}  // namespace splitmx::relay
