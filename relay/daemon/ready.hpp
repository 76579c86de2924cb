// The line that tells whoever started the relay that it is ready. Threads: any.
// Source: contract of splitmxd.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::relay::daemon {

// "ready smtp=ADDR:PORT[,ADDR:PORT...] admin=ADDR:PORT"; an empty `admin` is "off".
std::string ready_line(std::vector<std::string> const& endpoints, std::string_view admin);

}  // namespace splitmx::relay::daemon
