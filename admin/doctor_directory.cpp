#include "admin/doctor_directory.hpp"

#include "admin/directory_doubts.hpp"
#include "admin/directory_text.hpp"
#include "directory/listing.hpp"
#include "directory/servers.hpp"
#include "directory/trial.hpp"
#include "directory/view_server.hpp"
#include "lint/lint.hpp"
#include "lint/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::admin {

namespace {

// Sources are numbered within a listing.
void append(schema::Listing& all, schema::Listing more) {
    auto const offset = all.sources.size();
    for (auto& source : more.sources) all.sources.push_back(std::move(source));
    for (auto& recipient : more.recipients) {
        recipient.source += offset;
        all.recipients.push_back(std::move(recipient));
    }
}

void add(DoctorFindings& findings, std::string const& name, std::vector<Doubt> const& doubts) {
    for (auto const& doubt : doubts) {
        bool const is_down = doubt.level == DoctorLevel::error;
        findings.push_back(finding(
            is_down ? "directory-down" : "directory-doubt",
            doubt.level,
            fmt::format("{}: {}", name, doubt.text),
            is_down ? "docs/directory.md has a table of what servers answer, with the remedy" : ""
        ));
    }
}

schema::Listing look_at_file(config::Directory const& directory, DoctorFindings& findings) {
    config::Config alone;
    alone.directories.push_back(directory);
    auto read = directory::list_all(alone);
    if (!read) {
        findings.push_back(finding("directory-down", read.error().what, "mend the file"));
        return {};
    }
    auto const evidence = evidence_of(*read);
    findings.push_back(finding(
        "directory", fmt::format("{}: a file with {}", directory.name, people_text(evidence))
    ));
    add(findings, directory.name, doubts_about(evidence));
    return std::move(*read);
}

schema::Listing look_at_server(config::Directory const& directory, DoctorFindings& findings) {
    auto trial = directory::try_following(directory);
    auto const evidence = evidence_of(trial.listing);
    auto seen = directory::view_server(
        directory::servers_of(directory), directory.base, directory.profile.filter
    );
    if (trial.is_complete) {
        findings.push_back(finding(
            "directory",
            fmt::format(
                "{}: {} below {} at {}, by {}",
                directory.name,
                people_text(evidence),
                directory.base,
                trial.uri,
                following_text(trial.method ? ldap::to_text(*trial.method) : "")
            )
        ));
    }
    // Of a server that cannot be read all the rest follows from that.
    if (seen) {
        add(findings, directory.name, doubts_about(directory, trial, seen->view, evidence));
    } else {
        std::vector<Doubt> failures;
        for (auto const& failure : trial.failures)
            failures.push_back({DoctorLevel::error, failure});
        if (failures.empty()) failures.push_back({DoctorLevel::error, seen.error().what});
        add(findings, directory.name, failures);
    }
    return std::move(trial.listing);
}

void judge_people(
    config::Config const& config, schema::Listing const& listing, DoctorFindings& findings
) {
    lint::People const people(listing);
    auto const counts = lint::count(lint::lint(people, config.routing, {}));
    auto const text = lint::summary(counts, people.all().size());
    bool const is_well = counts.errors + counts.warnings == 0;
    findings.push_back(finding(
        is_well ? "people" : "people-faults",
        text.substr(0, text.size() - 1),
        is_well ? "" : "splitmx directory lint --server tells which, and what mends it"
    ));
}

}  // namespace

DoctorPeople look_at_directories(config::Config const& config) {
    DoctorPeople people;
    for (auto const& directory : config.directories) {
        auto listing = directory.ldif_file ? look_at_file(directory, people.findings)
                                           : look_at_server(directory, people.findings);
        append(people.listing, std::move(listing));
    }
    if (!people.listing.recipients.empty()) {
        judge_people(config, people.listing, people.findings);
    }
    return people;
}

}  // namespace splitmx::admin
