// `splitmx resolve`: where would this go, and why? Decided by the code that routes.
// Threads: blocking, for a command-line program. Errors: as exit codes; findings of the
// configuration on `error`. Source: contract of `splitmx resolve`.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/standpoint.hpp"
#include "admin/verb.hpp"

#include <string>
#include <vector>

#include "control/asking.hpp"

namespace splitmx::admin {

struct ResolveOptions {
    std::vector<std::string> addresses;  // "-": read them from standard input, one a line
    control::AskedWith with;
    WhatIf what_if;
    bool offline = false;
    bool diff = false;
    bool explain = false;
    bool json = false;
};

// Answered by the running relay, from its own state; with `offline` from the file and the
// directory. With `what_if`, as it would be; with `diff`, what would be different from now (exit
// 1).
ExitCode resolve(ResolveOptions const& options, Context const& context);

}  // namespace splitmx::admin
