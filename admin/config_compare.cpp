// `splitmx config test` and `config diff`: a configuration against what it must do, or another one.
#include "admin/config_command.hpp"
#include "admin/standpoint.hpp"
#include "config/effective.hpp"
#include "config/read.hpp"
#include "config/routing_tests_file.hpp"

#include <boost/json.hpp>

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "control/routing_tests.hpp"

namespace splitmx::admin {

namespace {

namespace json = boost::json;

using Keys = std::vector<config::EffectiveKey>;

// What secrets and files hold is not compared: a relay gives none of it away.
Keys without_contents(Keys keys) {
    for (auto& key : keys) key.behind.clear();
    return keys;
}

std::variant<Keys, ExitCode> keys_of_file(std::string const& file, Context const& context) {
    auto const loaded = config::load(file, config::Purpose::look_up);
    if (loaded.config) return without_contents(loaded.config->keys);
    context.streams.error << loaded.report;
    return ExitCode::configuration;
}

std::variant<Keys, ExitCode> keys_of_relay(Context const& context) {
    auto const config = running_config(context, "config diff");
    if (auto const* code = std::get_if<ExitCode>(&config)) return *code;
    return without_contents(std::get<config::Config>(config).keys);
}

std::string_view kind_of(config::Change const& change) {
    switch (change.kind) {
        case config::Change::Kind::added:
            return "added";
        case config::Change::Kind::removed:
            return "removed";
        case config::Change::Kind::contents:
        case config::Change::Kind::changed:
            break;
    }
    return "changed";
}

std::string change_json(config::Change const& change) {
    json::object object;
    object["change"] = kind_of(change);
    object["section"] = change.section;
    if (!change.key.empty()) {
        object["key"] = change.key;
        object["before"] = change.before;
        object["after"] = change.after;
        object["at_restart"] = change.at_restart;
    }
    return json::serialize(object);
}

}  // namespace

ExitCode test_config(TestOptions const& options, Context const& context) {
    auto const file = options.file.empty() ? context.global.config_file : options.file;
    auto loaded = config::load(file, config::Purpose::look_up);
    auto& error = context.streams.error;
    if (!loaded.config) {
        error << loaded.report;
        return ExitCode::configuration;
    }
    auto const tests = config::routing_tests_file(*loaded.config);
    if (!tests) {
        error << "splitmx config test: " << file
              << " names none; [routing] tests = \"FILE\" does\n";
        return ExitCode::configuration;
    }
    WhatIf const what_if{file, options.with_ldif};
    auto stand = stand_at(what_if, options.offline, context, "config test");
    if (auto const* code = std::get_if<ExitCode>(&stand)) return *code;
    auto const& then = std::get<TwoStandpoints>(stand).then;
    auto const run = control::run_routing_tests(*tests, then.config->routing, *then.service);
    error << run.report();
    if (!context.global.quiet) context.streams.output << run.summary() << "\n";
    if (run.failed > 0) return ExitCode::configuration;
    return run.undecided > 0 ? ExitCode::temporary : ExitCode::ok;
}

ExitCode diff_config(DiffOptions const& options, Context const& context) {
    auto const now =
        options.now.empty() ? keys_of_relay(context) : keys_of_file(options.now, context);
    if (auto const* code = std::get_if<ExitCode>(&now)) return *code;
    auto const file = options.then.empty() ? context.global.config_file : options.then;
    auto const then = keys_of_file(file, context);
    if (auto const* code = std::get_if<ExitCode>(&then)) return *code;
    auto const changes = config::differences(std::get<Keys>(now), std::get<Keys>(then));
    auto& output = context.streams.output;
    for (auto const& change : changes) {
        if (options.json)
            output << change_json(change) << "\n";
        else
            output << config::to_text(change)
                   << (change.at_restart ? "  (waits for a restart)" : "") << "\n";
    }
    if (changes.empty() && !options.json && !context.global.quiet) output << "no difference\n";
    return changes.empty() ? ExitCode::ok : ExitCode::differences;
}

}  // namespace splitmx::admin
