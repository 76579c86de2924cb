// What a front end tells about the connection that it makes for a client, before anything else: read
// off the connection, and not an octet more. From then on the client is the connection's peer.
// Threads: the connection's. Ownership: the connection outlives the call. Errors: what the front end
// did, as a log line continues after its name; the connection is of no further use then.
// Source: HAProxy's proxy-protocol.txt, 2.
#pragma once

#include "mail/clock.hpp"
#include "mail/result.hpp"
#include "smtp/net/connection.hpp"

namespace splitmx::smtp::net {

// A front end sends its header with the connection; a lost segment is sent again within seconds.
inline constexpr mail::Duration proxy_header_limit{10'000};

awaitable<mail::Result<void>> hear_front_end(
    Connection& connection, mail::Duration limit = proxy_header_limit
);

}  // namespace splitmx::smtp::net
