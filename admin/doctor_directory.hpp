// The directories of a configuration, each read as the relay does it; and what is wrong with the
// people in them. Threads: blocking; a server that falls silent is given a minute. Errors:
// findings. Source: docs/directory.md, docs/lint.md.
#pragma once

#include "admin/doctor_finding.hpp"
#include "config/config.hpp"
#include "schema/listing.hpp"

namespace splitmx::admin {

struct DoctorPeople {
    DoctorFindings findings;
    schema::Listing listing;  // as much as could be read
};

DoctorPeople look_at_directories(config::Config const& config);

}  // namespace splitmx::admin
