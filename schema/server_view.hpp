// What a tool saw of a directory server: enough to say whether a profile fits, or which one would.
// Threads: plain values. Errors: none; what the account may not read is not there.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/subschema.hpp"

#include <optional>
#include <string>
#include <vector>

namespace splitmx::schema {

struct ServerView {
    ldap::Subschema subschema;
    std::vector<ldap::Entry> samples;  // whole entries, at most max_samples
    // Attributes with an index for equality, in lower case; none: the account cannot see that.
    std::optional<std::vector<std::string>> indexed;
};

inline constexpr int max_samples = 100;

}  // namespace splitmx::schema
