#include "admin/command_line.hpp"

#include "admin/config_command.hpp"
#include "config/suggestion.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace splitmx::admin {

namespace {

constexpr char const* default_config = "/etc/splitmx/splitmx.toml";

// The environment stands behind every flag.
std::string config_from_environment() {
    char const* const named = std::getenv("SPLITMX_CONFIG");
    return named ? named : default_config;
}

struct CommandLine {
    CLI::App app{"splitmx: where mail goes, and why"};
    ResolveOptions resolve;
    std::string config_file = config_from_environment();
    std::string checked_file;
    std::string key;
    std::string identity;
    bool offline = false;
    bool strict = false;
    CLI::App* resolve_verb = nullptr;
    CLI::App* check_verb = nullptr;
    CLI::App* default_verb = nullptr;
    CLI::App* explain_verb = nullptr;
    CLI::Option* authenticated = nullptr;
};

void add_config_flag(CommandLine& line, CLI::App& app) {
    app.add_option("--config", line.config_file, "configuration file")->type_name("FILE");
}

void add_resolve(CommandLine& line) {
    auto& options = line.resolve;
    auto* verb = line.app.add_subcommand("resolve", "where would mail for these addresses go?");
    add_config_flag(line, *verb);
    verb->add_flag("--offline", line.offline, "decide here, without the daemon");
    verb->add_option("--from", options.from, "sender; '' or '<>' is the null sender")
        ->type_name("ADDRESS");
    verb->add_option("--client", options.client, "address of the sending system")->type_name("IP");
    verb->add_option("--local-address", options.local_address, "our address that it reached")
        ->type_name("IP");
    verb->add_option("--listener", options.listener, "listener that it reached")->type_name("NAME");
    line.authenticated =
        verb->add_option("--authenticated", line.identity, "as a client that has logged in")
            ->type_name("NAME")
            ->expected(0, 1);
    auto* explain = verb->add_flag("--explain", options.explain, "show every step");
    verb->add_flag("--json", options.json, "one JSON object a line")->excludes(explain);
    verb->add_option("addresses", options.addresses, "addresses; - reads them from standard input");
    line.resolve_verb = verb;
}

void add_config(CommandLine& line) {
    auto* config = line.app.add_subcommand("config", "check and explain configurations");
    config->require_subcommand(1);
    line.check_verb = config->add_subcommand("check", "find every error in a configuration file");
    line.check_verb->add_option("file", line.checked_file, "the file; else --config");
    add_config_flag(line, *line.check_verb);
    line.check_verb->add_flag("--strict", line.strict, "exit 1 when there are warnings");
    line.default_verb = config->add_subcommand("default", "print a commented configuration");
    line.explain_verb = config->add_subcommand("explain", "what a key means");
    line.explain_verb->add_option("key", line.key, "such as max_hops or server.max_hops")
        ->required();
}

// CLI11 says of a mistyped verb only that one is required.
std::string mistyped_verb(CommandLine const& line, int argc, char const* const* argv) {
    CLI::App const* app = &line.app;
    std::string path = "splitmx";
    for (int i = 1; i < argc; ++i) {
        std::string const word = argv[i];
        if (word.empty() || word.front() == '-') continue;
        std::vector<std::string> verbs;
        for (auto const* verb : app->get_subcommands([](CLI::App const*) { return true; })) {
            verbs.push_back(verb->get_name());
        }
        if (verbs.empty()) return {};
        auto const known = std::find(verbs.begin(), verbs.end(), word);
        if (known == verbs.end()) {
            auto const hint = config::did_you_mean(config::nearest(word, verbs));
            return path + ": there is no verb \"" + word + "\"" + (hint.empty() ? "" : "; " + hint);
        }
        app = app->get_subcommand(word);
        path += " " + word;
    }
    return {};
}

int usage_error(
    CommandLine const& line,
    CLI::ParseError const& failure,
    int argc,
    char const* const* argv,
    Streams const& streams
) {
    auto const typo = mistyped_verb(line, argc, argv);
    streams.error << (typo.empty() ? std::string("splitmx: ") + failure.what() : typo) << "\n"
                  << "splitmx --help lists what there is.\n";
    return static_cast<int>(ExitCode::usage);
}

// The name behind --authenticated may be left out; then the one word that follows is the address.
void take_identity(CommandLine& line) {
    if (line.authenticated->count() == 0) return;
    if (line.resolve.addresses.empty() && !line.identity.empty()) {
        line.resolve.addresses.push_back(std::exchange(line.identity, {}));
    }
    line.resolve.identity = line.identity.empty() ? "authenticated" : line.identity;
}

ExitCode dispatch(CommandLine& line, Streams const& streams) {
    if (line.resolve_verb->parsed()) {
        line.resolve.config = line.config_file;
        take_identity(line);
        if (line.resolve.addresses.empty()) {
            streams.error << "splitmx resolve: which address?\n";
            return ExitCode::usage;
        }
        if (!line.offline) {
            streams.error << "note: decided by this command from " << line.config_file
                          << ", not by a running daemon (--offline says so)\n";
        }
        return resolve_offline(line.resolve, streams);
    }
    if (line.check_verb->parsed()) {
        auto const& file = line.checked_file.empty() ? line.config_file : line.checked_file;
        return check_config(file, line.strict, streams.error);
    }
    if (line.default_verb->parsed()) return print_default_config(streams.output);
    return explain_config_key(line.key, streams.output, streams.error);
}

}  // namespace

int run(int argc, char const* const* argv, Streams const& streams) {
    CommandLine line;
    line.app.require_subcommand(1);
    line.app.set_version_flag("--version", "splitmx " SPLITMX_VERSION);
    add_config_flag(line, line.app);
    add_resolve(line);
    add_config(line);
    try {
        line.app.parse(argc, argv);
    } catch (CLI::CallForHelp const&) {
        streams.output << line.app.help();
        return 0;
    } catch (CLI::CallForVersion const&) {
        streams.output << "splitmx " SPLITMX_VERSION "\n";
        return 0;
    } catch (CLI::ParseError const& failure) {
        return usage_error(line, failure, argc, argv, streams);
    }
    return static_cast<int>(dispatch(line, streams));
}

}  // namespace splitmx::admin
