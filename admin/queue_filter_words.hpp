// The filter flags of the queue verbs, and what they mean. One value a flag, or several with commas
// between them (not in --reason, where a comma is a comma).
// Threads: pure. Errors: "--older: ...", for a usage error.
#pragma once

#include "admin/verb.hpp"

#include <string>
#include <vector>

#include "queue/filter.hpp"

namespace splitmx::admin {

struct FilterWords {
    std::string id;
    std::string to;
    std::string from;
    std::string host;
    std::string domain;
    std::string reason;
    std::string older;
    std::string newer;
    std::vector<std::string> ids;  // without a flag
};

// `host_flag`: where --host has another meaning.
void add_filter_flags(Verb& verb, FilterWords& words, std::string const& host_flag = "--host");
mail::Result<queue::Filter> to_filter(FilterWords const& words);

}  // namespace splitmx::admin
