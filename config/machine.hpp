// What a configuration cannot know until it is used: the addresses of this machine, and the host
// records beside DNS. Both the daemon and the tools add them in the same way, so that they decide
// alike.
// Threads: any; reads files and asks the system. Errors: an unreadable hosts file has no records.
// Source: Q146126 (never connect to oneself), Q201127 step 7 (hosts file).
#pragma once

#include "config/config.hpp"

namespace splitmx::config {

// Fills routing.self from the interfaces and listeners, and routing.host_records from
// dns.hosts_file.
void add_machine(Config& config);

}  // namespace splitmx::config
