// The one line that tells of a host's change of condition. Threads: any.
#pragma once

#include "observe/log.hpp"
#include "relay/host_book.hpp"

namespace splitmx::relay {

void log_host_change(observe::Log& log, HostChanged const& change, std::size_t messages);

}  // namespace splitmx::relay
