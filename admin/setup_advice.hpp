// What is left to do once a configuration is written: in the directory, in the DNS, in the other
// mail system, and the next commands. Threads: pure functions. Errors: none.
#pragma once

#include "admin/setup_directory.hpp"
#include "admin/setup_plan.hpp"

#include <filesystem>
#include <string>

namespace splitmx::admin {

// Lines of at most 80 columns where words allow it.
std::string advice_after_setup(
    SetupPlan const& plan, SetupDirectory const& found, std::filesystem::path const& config
);

}  // namespace splitmx::admin
