// The hosts file as a value: names to addresses, as an administrator wrote them (hosts(5)).
// Names are in lower case without a trailing dot. A line that makes no sense is passed over, as the
// system's own resolver does.
// Threads: function of its input. Source: Q146944, RFC 952.
#pragma once

#include "mail/ip_address.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace splitmx::mail {

using HostsTable = std::unordered_map<std::string, std::vector<IpAddress>>;

HostsTable parse_hosts(std::string_view text);

}  // namespace splitmx::mail
