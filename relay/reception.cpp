#include "relay/reception.hpp"

#include "relay/inbound_session.hpp"
#include "smtp/net/front_end.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "control/session_settings.hpp"

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;

constexpr std::size_t tolerated_share = 8;  // a loop may have an eighth more sessions

mail::Status too_busy(net::AdmissionRefusal refusal) {
    switch (refusal) {
        case net::AdmissionRefusal::too_many:
            return {421, {3, 2}, "Too many connections, try again later"};
        case net::AdmissionRefusal::too_many_from_client:
            return {421, {7, 0}, "Too many connections from you, try again later"};
        case net::AdmissionRefusal::too_many_from_network:
            return {421, {7, 0}, "Too many connections from your network, try again later"};
        case net::AdmissionRefusal::too_often:
            return {421, {7, 0}, "Too many connections from you in a minute, try again later"};
    }
    return {};
}

}  // namespace

// To change threads costs a connection more than it wins where the other loop has about as much.
net::Seat Reception::choose(std::size_t accepting) const {
    auto* const accepted_by = workers_.at(accepting);
    auto* const least_busy =
        *std::min_element(workers_.begin(), workers_.end(), [](auto const* a, auto const* b) {
            return a->load() < b->load();
        });
    auto const least = least_busy->load();
    bool const stays = accepted_by->load() <= least + 1 + least / tolerated_share;
    auto& chosen = stays ? *accepted_by : *least_busy;
    return {chosen.loop().get_executor(), chosen.expect()};
}

Worker& Reception::worker_of(net::Connection& connection) const {
    // Executors of one loop need not be equal; the loop they belong to is.
    auto const& loop = asio::query(connection.executor(), asio::execution::context);
    return **std::find_if(workers_.begin(), workers_.end(), [&](auto* one) {
        return &one->loop() == &loop;
    });
}

void Reception::accept(DoorPtr door, net::Connection connection) {
    if (!connection.peer() || !door->listener.get()->is_front_end(connection.peer()->address)) {
        return admit(std::move(door), std::move(connection));
    }
    auto const executor = connection.executor();
    asio::co_spawn(executor, hear(std::move(door), std::move(connection)), asio::detached);
}

asio::awaitable<void> Reception::hear(DoorPtr door, net::Connection connection) {
    auto const heard = co_await net::hear_front_end(connection);
    if (heard) {
        admit(std::move(door), std::move(connection));
        co_return;
    }
    worker_of(connection).parts().log.warn(
        "listen",
        fmt::format(
            "{}: {} is in proxy_protocol and {}: closed",
            door->listener.get()->name,
            connection.peer()->address.to_text(),
            heard.error().what
        )
    );
}

void Reception::admit(DoorPtr door, net::Connection connection) {
    auto const executor = connection.executor();
    auto& worker = worker_of(connection);
    auto const client = connection.peer() ? connection.peer()->address : mail::IpAddress();
    std::optional<net::Admission::Ticket> ticket;
    std::optional<mail::Status> refusal;
    if (!control::admits(*door->listener.get(), client)) {
        refusal = control::not_admitted();
    } else {
        auto answer = admission_.admit(client);
        if (auto* admitted = std::get_if<net::Admission::Ticket>(&answer)) {
            ticket.emplace(std::move(*admitted));
        } else {
            refusal = too_busy(std::get<net::AdmissionRefusal>(answer));
        }
    }
    auto session = std::make_shared<InboundSession>(
        worker, std::move(door), std::move(connection), std::move(ticket)
    );
    asio::co_spawn(
        executor, InboundSession::serve(std::move(session), std::move(refusal)), asio::detached
    );
}

}  // namespace splitmx::relay
