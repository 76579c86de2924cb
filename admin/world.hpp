// What a tool works on: a configuration with the machine's facts, and all recipients of its
// directories, read from the servers themselves or as the running relay knows them.
// Threads: blocking. Errors: printed; the exit code says which kind.
#pragma once

#include "admin/verb.hpp"
#include "config/config.hpp"
#include "directory/source.hpp"
#include "schema/listing.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace splitmx::admin {

// Of the verb's flag --config.
std::variant<config::Config, ExitCode> load_config(Context const& context, std::string_view verb);

struct World {
    config::Config config;
    schema::Listing listing;
};

// `with_ldif`: a file of entries and changes, as if they had been made already; "" for none.
std::variant<World, ExitCode> load_world(
    Context const& context, std::string_view verb, std::string const& with_ldif
);

// All recipients that the running relay knows, without their entries; with `text` only those in
// which it is found. Says on standard error where a copy is not fresh.
struct RelayListing {
    schema::Listing listing;                                  // profiles are not filled in
    std::size_t recipients = 0;                               // that there are
    std::string hash;                                         // of the relay's configuration
    directory::Health health{directory::State::live, 0, {}};  // the worst of the copies
};
// `otherwise`: what to do where no relay answers.
std::variant<RelayListing, ExitCode> list_from_relay(
    Context const& context,
    std::string_view verb,
    std::string const& text,
    std::string_view otherwise = "--server asks the directory server itself"
);

// As load_world(), but the people are those that the running relay knows.
std::variant<World, ExitCode> world_from_relay(Context const& context, std::string_view verb);

}  // namespace splitmx::admin
