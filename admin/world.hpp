// What a tool without the daemon works on: a configuration with the machine's facts, and all
// recipients of its directories. Threads: blocking. Errors: printed; the exit code says which kind.
#pragma once

#include "admin/verb.hpp"
#include "config/config.hpp"
#include "schema/listing.hpp"

#include <optional>
#include <string>
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

// Says on standard error, once, that the daemon was not asked.
void say_offline(Context const& context, bool offline, std::string_view what);

}  // namespace splitmx::admin
