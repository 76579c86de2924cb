#include "resolver/ping_pong.hpp"

#include <algorithm>

namespace splitmx::resolver {

bool is_part_of(mail::IpAddress const& client, Host const& host, RoutingTable const& table) {
    if (host.protocol == Protocol::lmtp) return false;
    bool const in_networks =
        std::any_of(host.networks.begin(), host.networks.end(), [&](auto const& network) {
            return network.contains(client);
        });
    if (in_networks) return true;
    return std::any_of(host.addresses.begin(), host.addresses.end(), [&](auto const& address) {
        if (auto const* direct = std::get_if<AddressEndpoint>(&address.endpoint)) {
            return direct->address == client;
        }
        auto const* named = std::get_if<NamedEndpoint>(&address.endpoint);
        if (!named) return false;
        auto const record = table.host_records.find(named->name.text());
        if (record == table.host_records.end()) return false;
        auto const& all = record->second;
        return std::find(all.begin(), all.end(), client) != all.end();
    });
}

}  // namespace splitmx::resolver
