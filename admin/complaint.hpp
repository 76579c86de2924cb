// What a verb says when it cannot do its work: "splitmx VERB: TEXT" on standard error.
// Errors: none; returns the code it was given, to end the verb with. One thread.
#pragma once

#include "admin/exit_code.hpp"
#include "admin/verb.hpp"

#include <string_view>

namespace splitmx::admin {

ExitCode complain(
    Context const& context, std::string_view verb, ExitCode code, std::string_view text
);

inline ExitCode wrong_usage(Context const& context, std::string_view verb, std::string_view text) {
    return complain(context, verb, ExitCode::usage, text);
}

}  // namespace splitmx::admin
