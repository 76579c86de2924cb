// What the relay tells whoever started it. Threads: any.
// Source: contract of splitmxd; sd_notify(3), whose datagram needs no library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::relay {

// "ready smtp=ADDR:PORT[,ADDR:PORT...] admin=off"
std::string ready_line(std::vector<std::string> const& endpoints);

// Sends to $NOTIFY_SOCKET; does nothing without one.
void notify_supervisor(std::string_view state);

}  // namespace splitmx::relay
