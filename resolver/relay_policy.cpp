#include "resolver/relay_policy.hpp"

#include <algorithm>

namespace splitmx::resolver {

namespace {

bool holds(std::vector<mail::Network> const& networks, mail::IpAddress const& address) {
    return std::any_of(networks.begin(), networks.end(), [&](auto const& network) {
        return network.contains(address);
    });
}

}  // namespace

RelayPolicy::Verdict RelayPolicy::judge(Client const& client) const {
    auto const address = client.address.to_text();
    if (holds(deny, client.address)) return {false, Rule::relay_denied_client, address};
    if (holds(allow, client.address)) return {true, Rule::relay_allowed_client, address};
    if (std::find(local_addresses.begin(), local_addresses.end(), client.local_address) !=
        local_addresses.end()) {
        return {true, Rule::relay_local_address, client.local_address.to_text()};
    }
    if (authenticated && client.identity) {
        return {true, Rule::relay_authenticated, *client.identity};
    }
    return {false, Rule::relay_closed, address};
}

}  // namespace splitmx::resolver
