#include "admin/config_command.hpp"

#include "config/config_keys.hpp"
#include "config/read.hpp"
#include "config/reference.hpp"
#include "config/routing_tests_file.hpp"
#include "config/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "control/routing_tests.hpp"

namespace splitmx::admin {

namespace {

std::string count(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

// What is wrong with the file of routing tests itself.
std::vector<std::string> test_faults(config::Loaded const& loaded) {
    std::vector<std::string> lines;
    auto const named = loaded.config ? config::routing_tests_file(*loaded.config) : std::nullopt;
    if (!named) return lines;
    auto const& file = *named;
    auto const read = control::read_routing_tests(file);
    if (!read) return {"error: " + read.error().what};
    for (auto const& fault : read->faults) {
        lines.push_back(fmt::format("{}:{}: error: {}", file.string(), fault.line, fault.text));
    }
    return lines;
}

}  // namespace

ExitCode check_config(std::filesystem::path const& file, bool strict, std::ostream& error) {
    auto const loaded = config::load(file, config::Purpose::inspect);
    error << loaded.report;
    auto const faults = test_faults(loaded);
    for (auto const& fault : faults) error << fault << "\n";
    auto const& all = loaded.findings.all();
    auto const errors = static_cast<std::size_t>(std::count_if(
                            all.begin(),
                            all.end(),
                            [](auto const& f) { return f.severity == config::Severity::error; }
                        )) +
                        faults.size();
    auto const warnings = all.size() + faults.size() - errors;
    if (errors > 0) {
        error << count(errors, "error");
        if (warnings > 0) error << ", " << count(warnings, "warning");
        error << ". The running configuration is unchanged.\n";
        return ExitCode::configuration;
    }
    if (warnings > 0) error << count(warnings, "warning") << ".\n";
    return strict && warnings > 0 ? ExitCode::warnings : ExitCode::ok;
}

ExitCode show_config(
    std::filesystem::path const& file, config::ShowOptions const& options, Streams const& streams
) {
    auto const loaded = config::load(file, config::Purpose::inspect);
    streams.error << loaded.report;
    if (!loaded.config) return ExitCode::configuration;
    streams.output << config::effective_text(*loaded.config, options);
    return ExitCode::ok;
}

ExitCode print_default_config(std::ostream& output) {
    output << config::default_file();
    return ExitCode::ok;
}

ExitCode explain_config_key(std::string const& key, std::ostream& output, std::ostream& error) {
    if (auto const text = config::explain_key(key)) {
        output << *text;
        return ExitCode::ok;
    }
    std::vector<std::string> known;
    for (auto const& one : config::all_keys()) {
        known.emplace_back(one.name);
        known.push_back(fmt::format("{}.{}", one.section, one.name));
    }
    auto const hint = config::did_you_mean(config::nearest(key, known));
    error << "splitmx config explain: there is no key \"" << key << "\""
          << (hint.empty() ? "" : "; " + hint) << "\n";
    return ExitCode::usage;
}

}  // namespace splitmx::admin
