// `splitmx replay`: what was decided about the mail of the last days, decided again by another
// configuration or directory. The history tells the envelopes; what a client's login and listener
// were, it does not keep.
// Threads: blocking, on all processors. Errors: printed; the exit code says which kind.
#pragma once

#include "admin/standpoint.hpp"
#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct ReplayOptions {
    WhatIf what_if;
    std::string since = "7d";
    bool offline = false;
    bool json = false;
};

ExitCode replay(ReplayOptions const& options, Context const& context);

}  // namespace splitmx::admin
