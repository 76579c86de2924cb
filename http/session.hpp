// One client of the HTTP server: its requests in, the handler's answers out, one after the other.
// Threads: the loop's. Ownership: of its coroutine. Source: RFC 9112 9.3 (connections that stay).
#pragma once

#include <memory>

#include "http/server.hpp"

namespace splitmx::http {

// Until the client goes, is too slow, or asks for something that cannot be read. `is_full`: says
// only that there are too many.
boost::asio::awaitable<void> serve(
    boost::asio::ip::tcp::socket socket,
    std::shared_ptr<Handler const> handler,
    Limits limits,
    bool is_full
);

}  // namespace splitmx::http
