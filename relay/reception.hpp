// Where clients come in: each stays on the loop that has accepted it, or goes to the one with the
// fewest sessions where that has much fewer; and is given a session there, which refuses it at once
// when it may not connect, or when there are too many. A front end (`[[listen]] proxy_protocol`) has
// told first for whom it connects; one that does not is closed, with a warning.
// Threads: choose() any; accept() on the loop that the connection was given to. Ownership: the
// workers and the admission outlive it. Source: RFC 5321 3.1 (554), 3.8 (421).
#pragma once

#include "relay/listeners.hpp"
#include "relay/worker.hpp"
#include "smtp/net/admission.hpp"

#include <vector>

namespace splitmx::relay {

class Reception {
public:
    Reception(std::vector<Worker*> workers, smtp::net::Admission& admission)
        : workers_(std::move(workers)), admission_(admission) {}

    // For a connection that the worker at `accepting` has accepted. Sessions that are on their way
    // count.
    smtp::net::Seat choose(std::size_t accepting) const;
    void accept(DoorPtr door, smtp::net::Connection connection);

private:
    boost::asio::awaitable<void> hear(DoorPtr door, smtp::net::Connection connection);
    void admit(DoorPtr door, smtp::net::Connection connection);
    Worker& worker_of(smtp::net::Connection& connection) const;

    std::vector<Worker*> const workers_;
    smtp::net::Admission& admission_;
};

}  // namespace splitmx::relay
