#include "admin/list_command.hpp"

#include "admin/recipient_text.hpp"
#include "admin/world.hpp"
#include "ldap/ldif.hpp"
#include "schema/search.hpp"

#include <fmt/format.h>

namespace splitmx::admin {

namespace {

// Of the servers themselves, or what the relay knows, where `text` is found.
std::variant<RelayListing, ExitCode> list(
    bool server, std::string_view verb, std::string const& text, Context const& context
) {
    if (!server) return list_from_relay(context, verb, text);
    auto loaded = load_world(context, verb, "");
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    RelayListing listed{std::move(std::get<World>(loaded).listing), 0, {}, {}};
    listed.recipients = listed.listing.recipients.size();
    return listed;
}

}  // namespace

ExitCode search_directory(SearchOptions const& options, Context const& context) {
    auto loaded = list(options.server, "directory search", options.text, context);
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto const& listing = std::get<RelayListing>(loaded).listing;
    auto const recipients = std::get<RelayListing>(loaded).recipients;
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
        output << fmt::format(
            "{} of {} recipients{}\n",
            found,
            recipients,
            options.server ? "" : ", by address and DN; --server looks at names too"
        );
    }
    return found > 0 ? ExitCode::ok : ExitCode::unknown_recipient;
}

ExitCode export_directory(ExportOptions const& options, Context const& context) {
    auto const& format = options.format;
    if (format != "json" && format != "csv" && format != "ldif") {
        context.streams.error << "splitmx directory export: --format is json, csv or ldif\n";
        return ExitCode::usage;
    }
    bool const server = options.server || format == "ldif";
    if (server && !options.server) {
        context.streams.error
            << "note: the relay's copy has no whole entries: the server itself is read\n";
    }
    auto loaded = list(server, "directory export", "", context);
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto const& listing = std::get<RelayListing>(loaded).listing;
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
