// Whether the relay can listen where it is to, and who listens there instead.
// Threads: any; looking opens and closes sockets. Errors: what cannot be seen is no finding.
// Source: proc(5) for /proc/net/tcp, bind(2).
#pragma once

#include "admin/doctor_finding.hpp"
#include "config/config.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::admin {

// The inode of a socket that listens on this port, on that address or on all of them: from the text
// of /proc/net/tcp or tcp6, whose addresses are 32-bit words in the machine's order.
std::optional<std::uint64_t> listening_inode(
    std::string_view table, config::Endpoint const& endpoint
);

// `open`: where the running relay listens, "192.0.2.1:25"; none: it does not run.
DoctorFindings look_at_ports(
    config::Config const& config, std::optional<std::vector<std::string>> const& open
);

}  // namespace splitmx::admin
