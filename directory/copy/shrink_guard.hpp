// Would this refresh take away too much? A server that answers with success and half the entries (a
// right withdrawn, a wrong base, an empty restore) looks like one whose entries were removed.
// Threads: the index's writer. Source: directory complaints 14 of the landscape; RFC 4533 3.3.1.
#pragma once

#include "directory/copy/index.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace splitmx::directory::copy {

// Entries that a finished refresh did not confirm.
struct Loss {
    std::size_t entries = 0;  // before
    std::size_t lost = 0;
    std::vector<std::string> domains;   // that would have no recipient left, by name
    std::vector<std::string> examples;  // DNs of some that would go, in the order of their names
    std::uint64_t digest = 0;           // equal when the same entries would go
};

[[nodiscard]] Loss measure_loss(Index const& index);

// More than 5 % and more than 50 entries.
[[nodiscard]] bool is_mass(std::size_t lost, std::size_t entries);
// A mass, or all recipients of a domain: not without a second look.
[[nodiscard]] bool needs_consent(Loss const& loss);
// "120 of 900 entries, and with them all recipients of a.example, b.example"
[[nodiscard]] std::string to_text(Loss const& loss);

}  // namespace splitmx::directory::copy
