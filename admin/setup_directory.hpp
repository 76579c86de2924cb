// The first half of `splitmx setup`: which directory, as whom, where in it, and what its entries
// mean. Every answer is tried on the server itself. Threads: blocking. Errors: printed by the
// interview.
#pragma once

#include "admin/interview.hpp"
#include "admin/setup_command.hpp"
#include "admin/setup_evidence.hpp"
#include "admin/setup_plan.hpp"
#include "config/read.hpp"
#include "mail/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::admin {

struct SetupDirectory {
    std::string password;  // to be written beside the configuration; empty: there is none
    schema::Listing listing;
    SetupEvidence evidence;
    bool is_ldap = false;
    ldap::Vendor vendor = ldap::Vendor::unknown;
    std::vector<std::string> to_do;  // on the directory's side
};

// Fills plan.directory and plan.people. Nothing: the command ends with the interview's code.
std::optional<SetupDirectory> ask_directory(
    SetupOptions& options,
    std::filesystem::path const& config_file,
    Interview& interview,
    SetupPlan& plan
);

// The configuration that a plan makes, as far as it goes. Where its password comes from was looked
// at when it was answered: a trial has one of its own.
mail::Result<config::Loaded> try_plan(SetupPlan plan);

// What the checks of a configuration say against a plan, as far as it goes.
std::optional<Trouble> trouble_with(SetupPlan const& plan);

}  // namespace splitmx::admin
