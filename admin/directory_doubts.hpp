// What an administrator should know of a directory after a trial: where the account is not given
// what the relay needs, or the server could do better. Threads: pure function. Errors: none.
// Source: docs/directory.md.
#pragma once

#include "admin/setup_evidence.hpp"
#include "config/config.hpp"
#include "directory/trial.hpp"
#include "schema/readiness.hpp"
#include "schema/server_view.hpp"

#include <string>
#include <vector>

namespace splitmx::admin {

struct Doubt {
    schema::ReadinessLine::Level level = schema::ReadinessLine::Level::warning;
    std::string text;  // one sentence, with what to do
};

// `evidence`: of the trial's listing.
std::vector<Doubt> doubts_about(
    config::Directory const& directory,
    directory::Trial const& trial,
    schema::ServerView const& view,
    SetupEvidence const& evidence
);
// Of the people alone, whatever they come from.
std::vector<Doubt> doubts_about(SetupEvidence const& evidence);

}  // namespace splitmx::admin
