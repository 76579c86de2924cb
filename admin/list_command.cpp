#include "admin/list_command.hpp"

#include "admin/recipient_text.hpp"
#include "admin/world.hpp"
#include "ldap/ldif.hpp"
#include "schema/search.hpp"

#include <fmt/format.h>

namespace splitmx::admin {

ExitCode search_directory(SearchOptions const& options, Context const& context) {
    auto loaded = load_world(context, "directory search", "");
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto const& listing = std::get<World>(loaded).listing;
    schema::SearchText const text(options.text);
    auto& output = context.streams.output;
    std::size_t found = 0;
    for (auto const& listed : listing.recipients) {
        if (!text.matches(listed)) continue;
        ++found;
        if (options.json) {
            output << to_json(listing, listed) << "\n";
        } else {
            output << to_text(listed);
        }
    }
    if (!options.json) {
        output << fmt::format("{} of {} recipients\n", found, listing.recipients.size());
    }
    return found > 0 ? ExitCode::ok : ExitCode::unknown_recipient;
}

ExitCode export_directory(ExportOptions const& options, Context const& context) {
    auto const& format = options.format;
    if (format != "json" && format != "csv" && format != "ldif") {
        context.streams.error << "splitmx directory export: --format is json, csv or ldif\n";
        return ExitCode::usage;
    }
    auto loaded = load_world(context, "directory export", "");
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto const& listing = std::get<World>(loaded).listing;
    auto& output = context.streams.output;
    if (format == "csv") output << csv_heading();
    for (auto const& listed : listing.recipients) {
        if (format == "json") {
            output << to_json(listing, listed) << "\n";
        } else if (format == "csv") {
            output << to_csv(listing, listed);
        } else if (listed.entry) {
            output << ldap::to_ldif(*listed.entry);
        }
    }
    return ExitCode::ok;
}

}  // namespace splitmx::admin
