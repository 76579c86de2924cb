#include "resolver/routing_table.hpp"

#include "mail/letter_case.hpp"

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

// As written first: names that differ in case alone are two hosts where a file has both.
HostPtr RoutingTable::host_named(std::string const& name) const {
    auto const exact = hosts.find(name);
    if (exact != hosts.end()) return exact->second;
    auto const lower = mail::to_lower(name);
    HostPtr found;
    for (auto const& [other, host] : hosts) {
        if (mail::to_lower(other) != lower) continue;
        if (!found || host->name < found->name) found = host;
    }
    return found;
}

}  // namespace splitmx::resolver
