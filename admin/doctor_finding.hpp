// What `splitmx doctor` found: one fact, how bad it is, and what mends it.
//
//     error  port-taken       0.0.0.0:25: master (process 812) listens there
//                             -> give [[listen]] another address, or stop it
//
// An id never changes its meaning; docs/doctor.md lists them. Threads: plain values, pure
// functions. Errors: none.
#pragma once

#include "admin/exit_code.hpp"
#include "schema/readiness.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::admin {

// good: it was looked at, and is well. note: worth knowing.
using DoctorLevel = schema::ReadinessLine::Level;

struct DoctorRule {
    std::string_view id;
    DoctorLevel level = DoctorLevel::good;
    ExitCode code = ExitCode::ok;  // of an error
    std::string_view text;         // for docs/doctor.md: when it is said
};

// Every id, in the order in which they are looked at.
std::span<DoctorRule const> doctor_rules();

struct DoctorFinding {
    DoctorRule const* rule = nullptr;  // one of the registry
    DoctorLevel level = DoctorLevel::good;
    std::string text;  // one sentence, without a full stop
    std::string fix;   // a command, or what to do; empty: nothing to do
};

// Requires: `id` is one of the registry.
DoctorFinding finding(std::string_view id, std::string text, std::string fix = {});
// With another level than the rule's own.
DoctorFinding finding(
    std::string_view id, DoctorLevel level, std::string text, std::string fix = {}
);

using DoctorFindings = std::vector<DoctorFinding>;

std::string to_text(DoctorFinding const& finding);
std::string to_json(DoctorFinding const& finding);
// "2 errors, 1 warning; 9 things are well."
std::string summary(DoctorFindings const& findings);
// 0 without errors; with warnings alone 1 where they count.
ExitCode exit_code(DoctorFindings const& findings, bool strict);

}  // namespace splitmx::admin
