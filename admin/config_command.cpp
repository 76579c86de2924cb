#include "admin/config_command.hpp"

#include "config/read.hpp"
#include "config/reference.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::admin {

namespace {

std::string count(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace

ExitCode check_config(std::filesystem::path const& file, bool strict, std::ostream& error) {
    auto const loaded = config::load(file, config::Purpose::inspect);
    error << loaded.report;
    auto const& all = loaded.findings.all();
    auto const errors =
        static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](auto const& f) {
            return f.severity == config::Severity::error;
        }));
    auto const warnings = all.size() - errors;
    if (errors > 0) {
        error << count(errors, "error") << ", " << count(warnings, "warning") << ".\n";
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
    error << "splitmx config explain: there is no key \"" << key << "\"\n";
    return ExitCode::usage;
}

}  // namespace splitmx::admin
