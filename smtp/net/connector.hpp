// Connects to the first candidate that takes the connection, one after the other.
// Whether a connected host also talks is for the caller: it can come back with the later
// candidates. Threads: the coroutine's executor owns the connection. Errors: one text for each
// failed candidate.
#pragma once

#include "mail/clock.hpp"
#include "smtp/net/candidates.hpp"
#include "smtp/net/connection.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::smtp::net {

inline constexpr mail::Duration connect_timeout{30'000};

struct ConnectFailure {
    std::size_t candidate;  // its place in the list
    std::string text;       // "mx1.example.com[192.0.2.1]:25: Connection refused"

    ConnectFailure(std::size_t place, std::string what) : candidate(place), text(std::move(what)) {}
};

struct ConnectOutcome {
    std::optional<Connection> connection;
    std::size_t candidate = 0;             // which one, when there is a connection
    std::vector<ConnectFailure> failures;  // those before it, or all

    ConnectOutcome() {}
};

// Starts with candidates[first].
awaitable<ConnectOutcome> connect(
    std::vector<Candidate> candidates,
    mail::Duration per_address = connect_timeout,
    std::size_t first = 0
);

}  // namespace splitmx::smtp::net
