// From findings to a file of change records that would mend them: for a person to read, choose from
// and apply. Each record stands behind a comment that says which finding it is for. Where a person
// has to choose, the alternatives stand there as comments.
// Threads: pure. Errors: none; what has no remedy, or no entry at hand, is left out.
#pragma once

#include "lint/finding.hpp"
#include "schema/listing.hpp"

#include <cstddef>
#include <string>

namespace splitmx::lint {

struct Repair {
    std::string ldif;         // with a heading; "" where there is nothing to propose
    std::size_t records = 0;  // that are not comments
    std::size_t choices = 0;
};

Repair repair(Findings const& findings, schema::Listing const& listing);

// The records for one finding, without a heading.
std::string repair_ldif(Finding const& finding, schema::Listing const& listing);

}  // namespace splitmx::lint
