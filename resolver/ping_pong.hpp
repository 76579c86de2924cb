// Is a client part of a mail system that we send to? A system is a host's addresses and its
// networks, compared by address. A store reached by LMTP sends nothing on (RFC 2033), so that mail
// given to it cannot come back: nobody is part of it.
// Pure. Threads: values.
#pragma once

#include "mail/ip_address.hpp"
#include "resolver/routing_table.hpp"

namespace splitmx::resolver {

bool is_part_of(mail::IpAddress const& client, Host const& host, RoutingTable const& table);

}  // namespace splitmx::resolver
