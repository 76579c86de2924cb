// The state of the relay and of its next hops for people; from the JSON that scripts get.
// Threads: pure functions. `now`: seconds since 1970, the relay's.
#pragma once

#include <cstdint>
#include <string>

#include "control/protocol.hpp"

namespace splitmx::admin {

// "2 messages"
std::string counted(std::uint64_t number, std::string const& noun);

std::string host_heading();
std::string host_line(control::json::object const& host, std::int64_t now);

std::string status_text(control::json::object const& status);

}  // namespace splitmx::admin
