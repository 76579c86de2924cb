#include "admin/world.hpp"

#include "config/machine.hpp"
#include "config/read.hpp"
#include "directory/listing.hpp"

#include <utility>

namespace splitmx::admin {

std::variant<config::Config, ExitCode> load_config(Context const& context, std::string_view verb) {
    auto loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    if (loaded.config->directories.empty()) {
        context.streams.error << "splitmx " << verb << ": " << context.global.config_file
                              << " names no [directory.NAME]\n";
        return ExitCode::configuration;
    }
    config::add_machine(*loaded.config);
    return std::move(*loaded.config);
}

std::variant<World, ExitCode> load_world(
    Context const& context, std::string_view verb, std::string const& with_ldif
) {
    auto& error = context.streams.error;
    auto loaded = load_config(context, verb);
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    World world{std::move(std::get<config::Config>(loaded)), {}};
    std::vector<ldap::Change> changes;
    if (!with_ldif.empty()) {
        auto read = ldap::read_changes(with_ldif);
        if (!read) {
            error << "splitmx " << verb << ": " << read.error().what << "\n";
            return ExitCode::bad_data;
        }
        changes = std::move(*read);
    }
    auto listing = directory::list_all(world.config, changes);
    if (!listing) {
        error << "splitmx " << verb << ": " << listing.error().what << "\n";
        return with_ldif.empty() ? ExitCode::unavailable : ExitCode::bad_data;
    }
    world.listing = std::move(*listing);
    return world;
}

}  // namespace splitmx::admin
