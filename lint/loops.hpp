// A target that leads back: what the resolver's trace says about it, told to an administrator.
// Internal. Threads: pure.
#pragma once

#include "lint/finding.hpp"
#include "lint/people.hpp"
#include "resolver/decision.hpp"

#include <optional>

namespace splitmx::lint {

// Requires: the decision is about that entry and ends in a loop. Nothing where the same circle is
// reported at another of its entries.
std::optional<Finding> loop_of(
    People const& people, resolver::Recipient const& recipient, resolver::Decision const& decision
);

}  // namespace splitmx::lint
