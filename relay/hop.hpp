// The next hop of a queued recipient as one word, as the spool keeps it.
//   host:notes                  a [host.NAME]
//   mx:example.net              the mail exchangers of a domain
//   mbx1.adatum.com:25          a host that only an entry names
//   [192.0.2.7]                 an address literal
//   failed:unknown_recipient    nowhere: the sender gets a report with this reason
//   (empty)                     not decided yet: mail of our own
// Threads: pure functions.
#pragma once

#include "mail/reason.hpp"
#include "resolver/routing_table.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace splitmx::relay {

std::string hop_of(resolver::Host const& host, resolver::RoutingTable const& table);
std::string failed_hop(mail::Reason reason);
// As people know it: "notes", "mx:example.net".
std::string host_name(std::string_view hop);
// What to say of a name that no host has.
std::string no_such_host(std::string const& name, resolver::RoutingTable const& table);
// The other way: a name in [host.NAME] first.
std::string hop_of_name(std::string const& name, resolver::RoutingTable const& table);

std::optional<mail::Reason> reason_of_failed_hop(std::string_view hop);
// Null where the configuration no longer has this host.
resolver::HostPtr host_of(std::string const& hop, resolver::RoutingTable const& table);

}  // namespace splitmx::relay
