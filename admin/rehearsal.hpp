// `splitmx session`: an SMTP dialogue with the relay that is none. Commands come from standard
// input; replies are those of the relay's own session machine and of its decisions, each with the
// reasons behind it; nothing is delivered. Threads: blocking. Errors: printed, with an exit code.
// Source: RFC 5321 3; `exim -bh`.
#pragma once

#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct RehearsalOptions {
    std::string client = "192.0.2.1";
    std::string local_address;
    std::string listener;  // empty: the first one
    bool offline = false;
};

ExitCode rehearse(RehearsalOptions const& options, Context const& context);

}  // namespace splitmx::admin
