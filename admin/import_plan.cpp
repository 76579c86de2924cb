#include "admin/import_plan.hpp"

#include "config/suggestion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

using migration::Format;

// What went wrong with the flags: what to write instead.
using Wrong = std::optional<std::string>;

Wrong take_profiles(ImportOptions const& options, Format format, migration::Settings& settings) {
    if (options.profile != "laser" && options.profile != "splitmx") {
        return "--profile is laser or splitmx: the words of the directory that is written for";
    }
    settings.entries.profile = schema::find_profile(options.profile);
    if (format != Format::ldif) return std::nullopt;
    settings.from = schema::find_profile(options.from);
    if (settings.from != nullptr) return std::nullopt;
    auto names = schema::profile_names();
    std::erase(names, "custom");
    auto const all = fmt::format("{}", fmt::join(names, ", "));
    if (options.from.empty()) return "--from says whose words the file has: " + all;
    auto const hint = config::did_you_mean(config::nearest(options.from, names));
    return fmt::format(
        "--from: there is no profile \"{}\"; {}",
        options.from,
        hint.empty() ? "one of " + all : hint
    );
}

Wrong take_domains(std::string const& list, std::vector<mail::Domain>& domains) {
    for (std::size_t at = 0; at < list.size();) {
        auto const end = std::min(list.find(',', at), list.size());
        auto domain = mail::Domain::parse(list.substr(at, end - at));
        if (!domain) return "--domain: " + domain.error().what;
        domains.push_back(std::move(*domain));
        at = end + 1;
    }
    return std::nullopt;
}

Wrong take_kind(std::string const& word, migration::RowSettings& rows) {
    if (word.empty()) return std::nullopt;
    if (word == "mailbox") {
        rows.kind = resolver::RecipientKind::mailbox;
    } else if (word == "contact") {
        rows.kind = resolver::RecipientKind::custom_recipient;
    } else {
        return "--kind is mailbox or contact";
    }
    return std::nullopt;
}

Wrong take_map(ImportOptions const& options, migration::Settings& settings) {
    auto const map = options.map.empty() ? migration::map_kind_of_file(options.file)
                                         : migration::map_kind(options.map);
    if (!map) {
        return "--map says which table it is: virtual, canonical, transport, relay_recipients or "
               "relocated";
    }
    settings.map = *map;
    return std::nullopt;
}

// Whether people are written, and not routes.
std::variant<bool, std::string> writes_people(
    ImportOptions const& options, Format format, migration::MapKind map
) {
    if (format != Format::postfix) return true;
    if (options.write == "ldif") return true;
    if (options.write == "toml") return false;
    if (!options.write.empty()) return std::string("--write is ldif (people) or toml (routes)");
    return map != migration::MapKind::transport;
}

Wrong take_base(ImportOptions const& options, migration::Settings& settings) {
    if (options.base.empty()) {
        return "--base DN says below which entry the people go, like ou=people,dc=example,dc=com";
    }
    auto base = ldap::Dn::parse(options.base);
    if (!base || base->is_root()) {
        return fmt::format(
            "--base: \"{}\" is no DN{}",
            options.base,
            base ? std::string() : ": " + base.error().what
        );
    }
    settings.entries.base = std::move(*base);
    return std::nullopt;
}

}  // namespace

std::variant<ImportPlan, std::string> plan_import(Format format, ImportOptions const& options) {
    ImportPlan plan;
    auto& settings = plan.settings;
    settings.format = format;
    settings.encoding = options.encoding;
    settings.entries.mail_host = options.mail_host;
    settings.rows.host_column = options.mail_host_column;
    if (!options.mail_host.empty() && !options.mail_host_column.empty()) {
        return std::string("--mail-host or --mail-host-column: one of them");
    }
    if (!options.mail_host.empty() && !migration::is_mail_host(options.mail_host)) {
        return fmt::format("--mail-host: \"{}\" is no name", options.mail_host);
    }
    if (format == Format::postfix) {
        if (auto wrong = take_map(options, settings)) return *wrong;
    }
    auto people = writes_people(options, format, settings.map);
    if (auto* wrong = std::get_if<std::string>(&people)) return std::move(*wrong);
    plan.people = std::get<bool>(people);
    if (plan.people) {
        if (auto wrong = take_base(options, settings)) return *wrong;
    }
    if (auto wrong = take_profiles(options, format, settings)) return *wrong;
    if (auto wrong = take_domains(options.domains, settings.entries.domains)) return *wrong;
    if (auto wrong = take_kind(options.kind, settings.rows)) return *wrong;
    return plan;
}

}  // namespace splitmx::admin
