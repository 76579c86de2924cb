// Decisions that may need lookups: asks the directory for what the resolver misses, stage by stage,
// until every recipient is decided. Recipients of one transaction share their lookups.
// What is not known by the deadline is Unavailable, so the worst case is a deferral.
// Threads: decide() on the caller's loop, whose executor goes on; decide_now() blocks, for tools.
// Ownership: table and service outlive the call. Errors: none.
#pragma once

#include "directory/directory_service.hpp"
#include "resolver/resolve.hpp"

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace splitmx::directory {

inline constexpr mail::Duration decision_deadline{8'000};

// `waited`, where it is given: whether a server had to be asked. It outlives the call.
boost::asio::awaitable<std::vector<resolver::Decision>> decide(
    DirectoryService& service,
    resolver::RoutingTablePtr table,
    std::vector<resolver::Query> queries,
    bool* waited = nullptr
);

std::vector<resolver::Decision> decide_now(
    DirectoryService& service,
    resolver::RoutingTable const& table,
    std::vector<resolver::Query> const& queries
);

}  // namespace splitmx::directory
