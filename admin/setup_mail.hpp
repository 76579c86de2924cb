// The second half of `splitmx setup`: whose mail this relay takes, and to which hosts it goes. Each
// answer is checked as the configuration that it makes. Threads: blocking. Errors: printed by the
// interview. Source: Q258203, Q201127, Q264557.
#pragma once

#include "admin/setup_directory.hpp"

namespace splitmx::admin {

// Fills all of the plan but its directory. False: the command ends with the interview's code.
bool ask_mail(
    SetupOptions& options, Interview& interview, SetupDirectory const& found, SetupPlan& plan
);

}  // namespace splitmx::admin
