// `splitmx probe`: does the host that mail for an address goes to take it? Resolves, dials that
// host as the relay would, and asks about the recipient; with `send` a marked message is handed
// over, and its final reply waited for. Threads: blocking. Errors: printed, with an exit code: 67
// refused, by us or by the host, 75 nobody knows now. Source: Test-Mailflow; RFC 5321 3.3.
#pragma once

#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct ProbeOptions {
    std::string address;
    std::string from = "<>";
    std::string client = "192.0.2.1";
    std::string timeout;  // a step of the dialogue; empty: as the host has it
    bool send = false;
    bool json = false;
    bool offline = false;
};

ExitCode probe(ProbeOptions const& options, Context const& context);

}  // namespace splitmx::admin
