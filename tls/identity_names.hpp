// Whom a certificate is for. Apart from identity.hpp, since only tools ask.
// Threads: pure function. Errors: none. Source: RFC 6125 6.4 (wildcards included).
#pragma once

#include <string>

#include "tls/identity.hpp"

namespace splitmx::tls {

bool is_for(Identity const& identity, std::string const& host);

}  // namespace splitmx::tls
