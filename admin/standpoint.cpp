#include "admin/standpoint.hpp"

#include "admin/daemon.hpp"
#include "admin/world.hpp"
#include "config/machine.hpp"
#include "config/read.hpp"
#include "directory/listing.hpp"
#include "directory/overlay.hpp"
#include "directory/recipient_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

ExitCode told(
    Context const& context, std::string_view verb, std::string const& what, ExitCode code
) {
    context.streams.error << "splitmx " << verb << ": " << what << "\n";
    return code;
}

std::variant<config::Config, ExitCode> read_config(
    Context const& context, std::string const& file
) {
    auto loaded = config::load(file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    config::add_machine(*loaded.config);
    return std::move(*loaded.config);
}

// Sources in the order of the configuration, each with its profile.
schema::Listing arranged(schema::Listing listing, config::Config const& config) {
    schema::Listing all;
    std::vector<std::size_t> place(listing.sources.size(), 0);
    for (auto const& directory : config.directories) {
        for (std::size_t i = 0; i < listing.sources.size(); ++i) {
            if (listing.sources[i].name == directory.name) place[i] = all.sources.size();
        }
        all.sources.push_back({directory.name, directory.profile, 0});
    }
    all.recipients = std::move(listing.recipients);
    for (auto& one : all.recipients) one.source = place[one.source];
    return all;
}

// Everybody that there is now, and how fresh that is.
struct People {
    schema::Listing listing;
    directory::Health health{directory::State::live, 0, {}};
};

std::variant<People, ExitCode> read_people(
    config::Config const& config, Context const& context, std::string_view verb
) {
    auto listing = directory::list_all(config);
    if (!listing) return told(context, verb, listing.error().what, ExitCode::unavailable);
    return People{std::move(*listing)};
}

std::variant<People, ExitCode> people_of_relay(
    config::Config const& config, Context const& context, std::string_view verb
) {
    auto listed = list_from_relay(context, verb, "", "--offline reads the directory itself");
    if (auto const* code = std::get_if<ExitCode>(&listed)) return *code;
    auto& from_relay = std::get<RelayListing>(listed);
    return People{arranged(std::move(from_relay.listing), config), from_relay.health};
}

bool same_directories(config::Config const& a, config::Config const& b) {
    return std::equal(
        a.directories.begin(),
        a.directories.end(),
        b.directories.begin(),
        b.directories.end(),
        [](config::Directory const& x, config::Directory const& y) {
            return x.name == y.name && x.setup == y.setup;
        }
    );
}

Standpoint stand(config::Config config, People const& people) {
    auto book = std::make_shared<directory::RecipientBook>();
    book->reserve(people.listing.recipients.size());
    for (auto const& one : people.listing.recipients) book->add(one.recipient);
    return {
        std::make_unique<config::Config const>(std::move(config)),
        directory::serve(std::move(book), people.health)};
}

std::variant<std::vector<ldap::Change>, ExitCode> read_changes(
    std::string const& file, Context const& context, std::string_view verb
) {
    std::vector<ldap::Change> none;
    if (file.empty()) return none;
    auto changes = ldap::read_changes(file);
    if (!changes) return told(context, verb, changes.error().what, ExitCode::bad_data);
    return std::move(*changes);
}

}  // namespace

std::variant<config::Config, ExitCode> running_config(
    Context const& context, std::string_view verb
) {
    Daemon daemon(socket_path(context.global));
    auto const answer = daemon.ask("config.show", {});
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        auto text = *failure;
        if (text.exit == static_cast<int>(ExitCode::unavailable)) {
            text.text += "\n--offline goes by the file, without it";
        }
        return tell(std::string(verb), text, context.streams);
    }
    auto const& running = std::get<control::Done>(answer).content;
    auto const file = control::text_of(running, "file");
    auto loaded = config::load(file, config::Purpose::look_up);
    bool const is_same = loaded.config && loaded.config->hash == control::text_of(running, "hash");
    auto config = is_same ? std::move(loaded.config)
                          : config::read_running(
                                control::text_to_octets(control::text_of(running, "text")), file
                            );
    if (!config)
        return told(context, verb, "the relay's answer is no configuration", ExitCode::internal);
    config::add_machine(*config);
    return std::move(*config);
}

std::variant<Standpoint, ExitCode> stand_offline(Context const& context, std::string_view verb) {
    auto loaded = read_config(context, context.global.config_file);
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto& config = std::get<config::Config>(loaded);
    auto service =
        directory::DirectoryService::start(config, {}, nullptr, directory::Following::no);
    if (!service) return told(context, verb, service.error().what, ExitCode::configuration);
    return Standpoint{
        std::make_unique<config::Config const>(std::move(config)), std::move(*service)};
}

std::variant<TwoStandpoints, ExitCode> stand_at(
    WhatIf const& what_if, bool offline, Context const& context, std::string_view verb
) {
    auto changes = read_changes(what_if.with_ldif, context, verb);
    if (auto const* code = std::get_if<ExitCode>(&changes)) return *code;
    std::optional<config::Config> other;
    if (!what_if.at_config.empty()) {
        auto loaded = read_config(context, what_if.at_config);
        if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
        other = std::move(std::get<config::Config>(loaded));
    }
    auto loaded =
        offline ? read_config(context, context.global.config_file) : running_config(context, verb);
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto& present = std::get<config::Config>(loaded);
    auto now =
        offline ? read_people(present, context, verb) : people_of_relay(present, context, verb);
    if (auto const* code = std::get_if<ExitCode>(&now)) return *code;
    auto then = std::get<People>(now);
    auto const& config = other ? *other : present;
    if (other && !same_directories(*other, present)) {
        context.streams.error << fmt::format(
            "note: {} has other directories than now: they are read themselves\n", what_if.at_config
        );
        auto read = read_people(*other, context, verb);
        if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
        then = std::move(std::get<People>(read));
    }
    auto const laid =
        directory::lay_over(then.listing, config, std::get<std::vector<ldap::Change>>(changes));
    if (!laid) {
        return told(
            context, verb, what_if.with_ldif + ": " + laid.error().what, ExitCode::bad_data
        );
    }
    auto later = stand(other ? std::move(*other) : present, then);
    return TwoStandpoints{stand(std::move(present), std::get<People>(now)), std::move(later)};
}

}  // namespace splitmx::admin
