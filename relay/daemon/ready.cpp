#include "relay/daemon/ready.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace splitmx::relay::daemon {

std::string ready_line(std::vector<std::string> const& endpoints, std::string_view admin) {
    auto const at = admin.empty() ? std::string_view("off") : admin;
    return fmt::format("ready smtp={} admin={}", fmt::join(endpoints, ","), at);
}

}  // namespace splitmx::relay::daemon
