#include "resolver/routing_table.hpp"

#include <algorithm>

namespace splitmx::resolver {

bool Self::has_address(mail::IpAddress const& address) const {
    if (all_loopback && address.is_loopback()) return true;
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

bool Self::has_name(mail::Domain const& name) const {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool Self::listens_on(std::uint16_t port) const {
    return std::find(ports.begin(), ports.end(), port) != ports.end();
}

}  // namespace splitmx::resolver
