// Lint of a mail directory: people against the routing table, and both against themselves.
//
// One function of values: the same recipients and the same table always give the same findings, in
// the order of the rules. Whether mail gets somewhere is asked of resolver::resolve itself, entry
// by entry. What cannot be known is no finding. The work grows with the number of values, not with
// its square. What DNS says comes in as facts (dns_facts.hpp); without them nothing is said about
// it. Threads: pure. Errors: none. Source: Q258203, Q251152 and the articles of each rule.
#pragma once

#include "lint/dns_facts.hpp"
#include "lint/finding.hpp"
#include "lint/people.hpp"
#include "resolver/routing_table.hpp"

namespace splitmx::lint {

Findings lint(People const& people, resolver::RoutingTable const& table, DnsFacts const& dns);

struct Counts {
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t infos = 0;
};
Counts count(Findings const& findings);

}  // namespace splitmx::lint
