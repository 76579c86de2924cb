// The servers of a [directory.NAME], in their order, bound to as the directory says. One that is
// protected protects all: a password is never sent in clear by mistake.
// Threads: pure function.
#pragma once

#include "config/config.hpp"
#include "ldap/net/connect.hpp"

#include <vector>

namespace splitmx::directory {

[[nodiscard]] std::vector<ldap::net::ConnectSettings> servers_of(config::Directory const& directory
);

}  // namespace splitmx::directory
