// Who the relay is to others, and whom it hands mail to: its certificate, the DNS, the next hops.
// Threads: blocking; hosts are met at the same time, for at most ten seconds a step. Errors: what
// does not answer is a finding. Source: RFC 5280 4.1.2.5, RFC 6125 6.4, RFC 5321 5.1.
#pragma once

#include "admin/doctor_finding.hpp"
#include "config/config.hpp"
#include "schema/listing.hpp"

namespace splitmx::admin {

DoctorFindings judge_certificate(config::Config const& config, mail::Instant now);

// `people`: for the domains and hosts in their entries.
DoctorFindings look_at_dns(config::Config const& config, schema::Listing const& people);

// Every [host.NAME], as `splitmx host test` meets it.
DoctorFindings look_at_hosts(config::Config const& config);

}  // namespace splitmx::admin
