// What would be decided otherwise, as people and programs read it.
// Threads: one. Errors: none.
#pragma once

#include "admin/decision_diff.hpp"
#include "admin/standpoint.hpp"
#include "admin/verb.hpp"

#include <string>
#include <vector>

namespace splitmx::admin {

// One JSON object with both decisions and the line end. `times`: how often it was made; 0: it is not
// known, and left out.
std::string change_json(
    std::string const& address,
    ChangedDecision const& change,
    resolver::Decision const& now,
    resolver::Decision const& then,
    TwoStandpoints const& stand,
    std::uint64_t times = 0
);

void print_changes(
    std::vector<ChangedDecision> const& changes, DiffCounts const& counts, Context const& context
);

}  // namespace splitmx::admin
