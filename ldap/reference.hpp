// Continuation references (RFC 4511 4.5.3): what a search names instead of entries that another
// server has. Nobody follows them here; but whoever gets one does not see everybody. Pure
// functions. Errors: what is no LDAP URI (RFC 4516) has no place.
#pragma once

#include "ldap/dn.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap {

// The DN in the URI.
[[nodiscard]] std::optional<Dn> place_of(std::string_view uri);

// Those of `uris` below which there may be people that nobody here sees: not the partitions that
// Active Directory names with every search from the top (DNS zones, configuration), nor what lies
// within one of `known`, which are read elsewhere.
[[nodiscard]] std::vector<std::string> unseen_places(
    std::vector<std::string> const& uris, std::vector<Dn> const& known
);

}  // namespace splitmx::ldap
