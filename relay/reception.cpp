#include "relay/reception.hpp"

#include "relay/inbound_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

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

Worker& Reception::least_busy() const {
    return **std::min_element(workers_.begin(), workers_.end(), [](auto const* a, auto const* b) {
        return a->sessions() < b->sessions();
    });
}

void Reception::accept(DoorPtr door, net::Connection connection) {
    auto const executor = connection.executor();
    // Executors of one loop need not be equal; the loop they belong to is.
    auto const& loop = asio::query(executor, asio::execution::context);
    auto const worker = std::find_if(workers_.begin(), workers_.end(), [&](auto* one) {
        return &one->loop() == &loop;
    });
    if (worker == workers_.end()) return;
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
        **worker, std::move(door), std::move(connection), std::move(ticket)
    );
    asio::co_spawn(
        executor, InboundSession::serve(std::move(session), std::move(refusal)), asio::detached
    );
}

}  // namespace splitmx::relay
