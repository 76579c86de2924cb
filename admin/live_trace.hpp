// `splitmx trace --live`: what happens at the running relay, as it happens.
// Threads: blocking, until it is over or interrupted. Errors: printed; the exit code says which kind.
#pragma once

#include "admin/verb.hpp"

#include <string>

namespace splitmx::admin {

struct LiveOptions {
    std::string client;  // a network
    std::string from;
    std::string to;
    std::string host;
    bool smtp = false;  // what clients and relay say, too
    bool one = false;

    bool is_any_given() const {
        return smtp || one || !client.empty() || !from.empty() || !to.empty() || !host.empty();
    }
};

enum class TraceForm { people, explained, json, msgtrk };

ExitCode trace_live(LiveOptions const& options, TraceForm form, Context const& context);

}  // namespace splitmx::admin
