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
    for (auto const& [opened, listener, postponed] : places) {
        all.push_back(postponed ? opened.configured.port : opened.socket->endpoint().port);
    }
    return all;
}

// Port 0 is any free port: such a socket is known by its listener's name.
Listeners::Opened const* Listeners::find(
    config::Endpoint const& endpoint, std::string const& name, Prepared const& taken
) const {
    for (auto const& opened : opened_) {
        bool const same = opened.configured == endpoint &&
                          (endpoint.port != 0 || opened.door->listener.get()->name == name);
        if (same && !is_in(taken, opened)) return &opened;
    }
    return nullptr;
}

mail::Result<void> Listeners::open(Prepared::Place& place) const {
    auto const& where = place.opened.configured;
    auto socket = net::Listener::open(net::Endpoint(where.address, where.port), loops_);
    if (!socket) return mail::Error{place.listener->source + ": " + socket.error().what, 0};
    place.opened.socket = std::make_shared<net::Listener>(std::move(*socket));
    return {};
}

bool Listeners::closes_on_port(std::uint16_t port, Prepared const& prepared) const {
    return std::any_of(opened_.begin(), opened_.end(), [&](auto const& opened) {
        return opened.socket->endpoint().port == port && !is_in(prepared, opened);
    });
}

mail::Result<Listeners::Prepared> Listeners::prepare(std::vector<config::Listener> const& listeners
) const {
    Prepared prepared;
    for (auto const& one : listeners) {
        auto const listener = std::make_shared<config::Listener const>(one);
        for (auto const& endpoint : one.addresses) {
            Prepared::Place place{{endpoint, nullptr, nullptr, false}, listener, false};
            if (auto const* known = find(endpoint, one.name, prepared)) place.opened = *known;
            prepared.places.push_back(std::move(place));
        }
    }
    // Only now is it known which of those that are open stay.
    for (auto& place : prepared.places) {
        if (place.opened.socket) continue;
        place.opened.door = std::make_shared<Door>();
        auto const opened = open(place);
        place.postponed = !opened && closes_on_port(place.opened.configured.port, prepared);
        if (!opened && !place.postponed) return opened.error();
    }
    return prepared;
}

// One of our own is in the way. For a moment nobody listens there: who connects just then is refused.
mail::Result<void> Listeners::open_postponed(Prepared& prepared) {
    auto const is_postponed = [](auto const& place) { return place.postponed; };
    auto& places = prepared.places;
    if (std::none_of(places.begin(), places.end(), is_postponed)) return {};
    std::vector<Opened*> closed;
    for (auto& opened : opened_) {
        auto const port = opened.socket->endpoint().port;
        bool const is_in_the_way = std::any_of(places.begin(), places.end(), [&](auto const& place) {
            return place.postponed && place.opened.configured.port == port;
        });
        if (!is_in_the_way || is_in(prepared, opened)) continue;
        opened.socket->stop();
        closed.push_back(&opened);
    }
    mail::Result<void> result;
    for (auto& place : places) {
        if (place.postponed && result) result = open(place);
    }
    if (result) return result;
    for (auto& place : places) {
        if (place.postponed) place.opened.socket.reset();
    }
    for (auto* opened : closed) {
        auto again = net::Listener::open(opened->socket->endpoint(), loops_);
        if (!again) {
            log_.error("listen", again.error().what);
            continue;
        }
        opened->socket = std::make_shared<net::Listener>(std::move(*again));
        opened->accepting = false;
        if (callbacks_.choose) accept_on(*opened);
    }
    return result;
}

mail::Result<void> Listeners::take(Prepared prepared) {
    if (auto const done = open_postponed(prepared); !done) return done;
    for (auto& opened : opened_) {
        if (is_in(prepared, opened)) continue;
        opened.socket->stop();
        log_.write(observe::ListenerClosed{
            opened.door->listener.get()->name, opened.socket->endpoint().to_text()});
    }
    opened_.clear();
    for (auto& [opened, listener, postponed] : prepared.places) {
        bool const is_new = opened.door->listener.set(listener) == nullptr;
        if (is_new) {
            log_.write(observe::ListenerOpened{listener->name, opened.socket->endpoint().to_text()}
            );
        }
        opened_.push_back(std::move(opened));
    }
    if (!callbacks_.choose) return {};
    for (auto& opened : opened_) accept_on(opened);
    return {};
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
    opened.socket->start(callbacks_.loops, std::move(callbacks));
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
             opened.door->sessions,
             opened.door->replies.counts()}
        );
    }
    return all;
}

}  // namespace splitmx::relay
