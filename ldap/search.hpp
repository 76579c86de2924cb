// A search (RFC 4511 4.5) and its outcome.
//
// The outcome is all matching entries, or an Error; there is no part of an answer. An empty list
// means that the server looked and there is none. Continuation references (RFC 4511 4.5.3) are not
// followed; they are there for whoever has to know whether that was everything (reference.hpp).
// Values; no threads.
#pragma once

#include "ldap/dn.hpp"
#include "ldap/entry.hpp"
#include "ldap/errc.hpp"
#include "ldap/filter.hpp"

#include <string>
#include <utility>
#include <vector>

namespace splitmx::ldap {

enum class Scope { base, one_level, subtree };

struct SearchRequest {
    Dn base;
    Scope scope = Scope::subtree;
    Filter filter;
    std::vector<std::string> attributes;  // none named: all user attributes
    int size_limit = 0;  // entries; 0 = no limit of ours. One more than that is Errc::size_limit.
};

class Found : public std::vector<Entry> {
public:
    Found() = default;
    explicit Found(std::vector<Entry> entries) : std::vector<Entry>(std::move(entries)) {}

    std::vector<std::string> references;  // URIs
};

using SearchResult = Result<Found>;

}  // namespace splitmx::ldap
