// Decisions about many addresses at once, by the code that routes, on all processors.
// Threads: blocking. Ownership: refers to what it is made of. Errors: none; what a directory does
// not tell is a deferral.
#pragma once

#include "directory/directory_service.hpp"
#include "resolver/routing_table.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "control/asking.hpp"

namespace splitmx::admin {

// By what an address is judged: a configuration, and who is in the directory.
struct Grounds {
    resolver::RoutingTable const& table;
    directory::DirectoryService& service;
};

// Addresses that are taken into memory at once, and those that share their lookups.
inline constexpr std::size_t addresses_at_once = 16 * 1024;
inline constexpr std::size_t addresses_a_piece = 256;

// One decision an address, in their order.
std::vector<resolver::Decision> decide_all(
    Grounds const& grounds, control::Asker const& asker, std::span<std::string const> addresses
);

// work(number, first, addresses) for each piece of a long list; `first`: place of its first
// address.
using Piece = std::function<
    void(std::size_t number, std::size_t first, std::span<std::string const> addresses)>;
void for_each_piece(std::span<std::string const> addresses, Piece const& work);
std::size_t piece_count(std::size_t addresses);

}  // namespace splitmx::admin
