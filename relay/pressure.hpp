// Whether more mail may come in: refused early, at RCPT, rather than after its content. Deliveries
// always go on, and make room. Pure, but for pressure_on(), which asks the store and its disk.
// Threads: any. Errors: a disk that cannot be asked counts as one without room.
// Source: RFC 5321 4.2.3 (452), RFC 3463 3.4 (X.3.1).
#pragma once

#include "config/config.hpp"
#include "mail/status.hpp"
#include "relay/parts.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace splitmx::relay {

struct Pressure {
    std::uint64_t messages = 0;        // in the queue
    std::uint64_t waiting_octets = 0;  // that are not on the disk yet
    std::uint64_t disk_left = 0;       // octets
};

// What waits for the disk in memory is bounded: a disk that slow takes no more mail for a moment.
inline constexpr std::uint64_t most_waiting_octets = std::uint64_t{128} << 20;

// Why not, for the administrator; none: more is welcome.
std::optional<std::string> too_much(
    Pressure const& pressure, config::Queue const& queue, config::Spool const& spool
);

// What the client is told: 452.
mail::Status no_room();

Pressure pressure_on(Parts& parts);

}  // namespace splitmx::relay
