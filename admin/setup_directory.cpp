#include "admin/setup_directory.hpp"

#include "admin/setup_files.hpp"
#include "admin/setup_talk.hpp"
#include "ldap/sync_advice.hpp"

#include <utility>

namespace splitmx::admin {

std::optional<config::Directory> DirectoryTalk::directory() const {
    SetupPlan alone;
    alone.directory = plan.directory;
    // To be a configuration at all.
    if (alone.directory.profile.empty()) alone.directory.profile = "laser";
    if (alone.directory.base.empty() && result.is_ldap) alone.directory.base = "dc=unknown";
    auto tried = try_plan(std::move(alone));
    if (!tried || !tried->config || tried->config->directories.empty()) return std::nullopt;
    auto directory = std::move(tried->config->directories.front());
    if (!directory.bind_dn.empty()) directory.password = result.password;
    return directory;
}

Trouble DirectoryTalk::trouble_of(ldap::Error const& error) const {
    auto const& of = plan.directory;
    return {
        ldap::sync::with_advice(error.code, error.what, {of.uris.front(), of.bind_dn, of.base}),
        ExitCode::unavailable};
}

void DirectoryTalk::warn(std::string const& text) {
    interview.object(text);
    result.to_do.push_back(text);
}

std::optional<SetupDirectory> ask_directory(
    SetupOptions& options,
    std::filesystem::path const& config_file,
    Interview& interview,
    SetupPlan& plan
) {
    DirectoryTalk talk{
        options, std::filesystem::absolute(config_file).parent_path(), interview, plan};
    interview.heading("The directory");
    if (!ask_server(talk) || !ask_people(talk)) return std::nullopt;
    // What the configuration itself says of it is enough.
    bool const is_elsewhere = !options.password_from.empty() || plan.directory.bind_dn.empty();
    if (is_elsewhere) talk.result.password.clear();
    return std::move(talk.result);
}

mail::Result<config::Loaded> try_plan(SetupPlan plan) {
    auto& password = plan.directory.password;
    if (!password.empty()) password = std::string("file:") + password_file_name;
    return try_configuration(to_toml(plan));
}

std::optional<Trouble> trouble_with(SetupPlan const& plan) {
    auto const tried = try_plan(plan);
    if (!tried) return Trouble{tried.error().what, ExitCode::cannot_create};
    for (auto const& finding : tried->findings.all()) {
        if (finding.severity != config::Severity::error) continue;
        auto text = finding.text;
        if (!finding.hint.empty()) text += "; " + finding.hint;
        return Trouble{std::move(text)};
    }
    return std::nullopt;
}

}  // namespace splitmx::admin
