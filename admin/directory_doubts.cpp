#include "admin/directory_doubts.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::admin {

namespace {

using Level = schema::ReadinessLine::Level;

void add_ways(
    std::vector<Doubt>& doubts, config::Directory const& directory, directory::Trial const& trial
) {
    auto const vendor = trial.facts.vendor;
    bool const could_tell =
        vendor == ldap::Vendor::openldap || vendor == ldap::Vendor::directory_389;
    bool const is_chosen = directory.sync == config::SyncMode::poll;
    if (trial.method != ldap::SyncMethod::poll || !could_tell || is_chosen) return;
    doubts.push_back(
        {Level::warning,
         "changes count only every 5 minutes: the server could tell them at once, with content "
         "synchronisation (docs/directory.md)"}
    );
}

}  // namespace

std::vector<Doubt> doubts_about(SetupEvidence const& evidence) {
    std::vector<Doubt> doubts;
    if (evidence.custom_recipients == 0) {
        doubts.push_back(
            {Level::note,
             "There is no custom recipient. Where another mail system shares a domain with this "
             "one, "
             "its people are to be in the directory with their target, for this account to see."}
        );
    } else if (evidence.without_target > 0) {
        doubts.push_back(
            {Level::warning,
             fmt::format(
                 "{} of {} custom recipients show no target: their mail is refused; is the "
                 "attribute "
                 "for this account to read?",
                 evidence.without_target,
                 evidence.custom_recipients
             )}
        );
    }
    return doubts;
}

std::vector<Doubt> doubts_about(
    config::Directory const& directory,
    directory::Trial const& trial,
    schema::ServerView const& view,
    SetupEvidence const& evidence
) {
    std::vector<Doubt> doubts;
    auto const failed = trial.is_complete ? Level::warning : Level::error;
    for (auto const& failure : trial.failures) doubts.push_back({failed, failure});
    for (auto const& remark : trial.remarks) doubts.push_back({Level::warning, remark});
    add_ways(doubts, directory, trial);
    if (trial.nameless > 0) {
        doubts.push_back(
            {Level::warning,
             fmt::format(
                 "{} entries show no entryUUID, nsUniqueId or objectGUID: let the account read it",
                 trial.nameless
             )}
        );
    }
    for (auto const& place : trial.elsewhere) {
        doubts.push_back(
            {Level::warning,
             fmt::format("{} is on another server: nobody can be called unknown then", place)}
        );
    }
    for (auto const& line : schema::readiness(directory.profile, view)) {
        if (line.level != Level::warning && line.level != Level::error) continue;
        doubts.push_back({line.level, fmt::format("{}: {}", line.subject, line.text)});
    }
    for (auto& doubt : doubts_about(evidence)) doubts.push_back(std::move(doubt));
    return doubts;
}

}  // namespace splitmx::admin
