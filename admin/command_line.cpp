#include "admin/command_line.hpp"

#include "admin/daemon.hpp"
#include "admin/verbs.hpp"
#include "config/suggestion.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

constexpr char const* default_config = "/etc/splitmx/splitmx.toml";

struct CommandLine {
    CLI::App app{"splitmx: where mail goes, and why", "splitmx"};
    GlobalFlags global;
    Actions actions;
    std::string colour = "auto";
};

std::optional<Colour> colour_from(std::string const& word) {
    if (word == "auto") return Colour::automatic;
    if (word == "always") return Colour::always;
    if (word == "never") return Colour::never;
    return std::nullopt;
}

FlagWords flag_words(CLI::Option const& option) {
    FlagWords flag;
    for (auto const& name : option.get_lnames()) flag.names.push_back("--" + name);
    for (auto const& name : option.get_snames()) flag.names.push_back("-" + name);
    // Of a flag CLI11 gives no type that a person would write.
    if (option.get_items_expected_max() > 0) flag.value = option.get_type_name();
    flag.value_is_optional = !flag.value.empty() && option.get_items_expected_min() == 0;
    flag.text = option.get_description();
    return flag;
}

VerbWords words_of(CLI::App const& app) {
    VerbWords verb;
    verb.name = app.get_name();
    verb.text = app.get_description();
    for (auto const* option : app.get_options()) {
        // Every verb has --help: said once.
        if (option == app.get_help_ptr() && app.get_parent() != nullptr) continue;
        if (option->get_lnames().empty() && option->get_snames().empty()) {
            verb.arguments.push_back(
                {option->get_name(true),
                 option->get_description(),
                 option->get_required(),
                 option->get_items_expected_max() > 1}
            );
        } else {
            verb.flags.push_back(flag_words(*option));
        }
    }
    for (auto const* below : app.get_subcommands([](CLI::App const*) { return true; })) {
        verb.verbs.push_back(words_of(*below));
    }
    return verb;
}

void add_everything(CommandLine& line) {
    line.global.config_file = default_config;
    line.app.require_subcommand(1);
    line.app.set_version_flag("--version", "splitmx " SPLITMX_VERSION);
    Verb splitmx(line.app, line.actions);
    splitmx.option(
        "--config", "FILE", line.global.config_given, line.global.config_file, "configuration file"
    );
    splitmx.option(
        "--socket",
        "PATH",
        line.global.socket,
        "where the relay answers; else as the configuration says"
    );
    splitmx.option("--color", "WHEN", line.colour, "auto, always or never; auto minds NO_COLOR");
    splitmx.flag("--quiet,-q", line.global.quiet, "say only what went wrong");
    splitmx.flag(
        "--verbose,-v", line.global.verbose, "also say whom it asks, and how long that took"
    );
    add_setup(splitmx);
    add_doctor(splitmx);
    add_status(splitmx);
    add_resolve(splitmx);
    add_session(splitmx);
    add_probe(splitmx);
    add_host(splitmx);
    add_reload(splitmx);
    add_config(splitmx);
    add_directory(splitmx);
    add_recipient(splitmx);
    add_schema(splitmx);
    add_import(splitmx);
    add_queue(splitmx);
    add_log(splitmx);
    add_trace(splitmx);
    add_replay(splitmx);
    add_completion(splitmx, [&line] { return words_of(line.app); });
}

// The verb that was asked for, and its whole name.
struct Named {
    CLI::App const* app;
    std::string path;
};

Named named_verb(CLI::App const& app) {
    Named named{&app, "splitmx"};
    for (;;) {
        auto const below = named.app->get_subcommands();
        if (below.empty()) return named;
        named.app = below.front();
        named.path += " " + named.app->get_name();
    }
}

std::string with_hint(std::string text, std::string const& word, auto const& known) {
    auto const hint = config::did_you_mean(config::nearest(word, known));
    return text + (hint.empty() ? "" : "; " + hint);
}

// CLI11 says of a mistyped verb only that one is required.
std::string mistyped_verb(Named const& named, std::string const& word) {
    std::vector<std::string> verbs;
    for (auto const* verb : named.app->get_subcommands([](CLI::App const*) { return true; })) {
        verbs.push_back(verb->get_name());
    }
    if (verbs.empty()) return {};
    return with_hint(named.path + ": there is no verb \"" + word + "\"", word, verbs);
}

std::string mistyped_flag(CommandLine const& line, Named const& named, std::string const& word) {
    std::vector<std::string> flags;
    for (auto const* app : {named.app, static_cast<CLI::App const*>(&line.app)}) {
        for (auto const* option : app->get_options()) {
            for (auto const& name : option->get_lnames()) flags.push_back("--" + name);
        }
    }
    auto const flag = word.substr(0, word.find('='));
    if (std::find(flags.begin(), flags.end(), flag) != flags.end()) return {};
    return with_hint(named.path + ": there is no flag \"" + flag + "\"", flag, flags);
}

// Like the words that every verb knows, `--json` may stand before the verb; it is the verb's own
// flag.
std::vector<char const*> with_json_behind(int argc, char const* const* argv) {
    std::vector<char const*> words(argv, argv + argc);
    auto const is = [](std::string_view wanted) {
        return [wanted](char const* word) { return word == wanted; };
    };
    std::size_t verb = 1;
    while (verb < words.size() && words[verb][0] == '-') {
        std::string_view const flag = words[verb];
        bool const has_value = flag == "--config" || flag == "--socket" || flag == "--color";
        verb += has_value ? 2 : 1;
    }
    if (verb >= words.size()) return words;
    auto const first = words.begin() + static_cast<std::ptrdiff_t>(verb);
    auto const found = std::find_if(words.begin() + 1, first, is("--json"));
    if (found == first) return words;
    std::rotate(found, found + 1, std::find_if(first, words.end(), is("--")));
    return words;
}

// What CLI11 could not place, in our words.
std::string mistyped(CommandLine const& line, int argc, char const* const* argv) {
    auto const named = named_verb(line.app);
    auto const extras = line.app.remaining(true);
    for (int i = 1; i < argc; ++i) {
        std::string const word = argv[i];
        bool const left_over = std::find(extras.begin(), extras.end(), word) != extras.end();
        if (!left_over) continue;
        auto const text =
            word.starts_with("--") ? mistyped_flag(line, named, word) : mistyped_verb(named, word);
        if (!text.empty()) return text;
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
    auto const named = named_verb(line.app);
    auto text = mistyped(line, argc, argv);
    bool const has_verbs =
        !named.app->get_subcommands([](CLI::App const*) { return true; }).empty();
    if (text.empty()) text = named.path + ": " + (has_verbs ? "which verb?" : failure.what());
    streams.error << text << "\n" << named.path << " --help lists what there is.\n";
    return static_cast<int>(ExitCode::usage);
}

// The environment stands behind every flag.
void read_environment(GlobalFlags& global) {
    char const* const named = std::getenv("SPLITMX_CONFIG");
    if (global.config_given || named == nullptr) return;
    global.config_file = named;
    global.config_given = true;
}

void tell_surroundings(GlobalFlags const& global, Streams const& streams) {
    auto const place = socket_path(global);
    auto const* path = std::get_if<std::string>(&place);
    streams.error << fmt::format(
        "splitmx {}: configuration {}, relay at {}\n",
        SPLITMX_VERSION,
        global.config_file,
        path != nullptr ? *path : "no known socket"
    );
}

}  // namespace

VerbWords all_words() {
    CommandLine line;
    add_everything(line);
    return words_of(line.app);
}

int run(int argc, char const* const* given, Streams const& streams) {
    CommandLine line;
    add_everything(line);
    auto const words = with_json_behind(argc, given);
    auto const* const* const argv = words.data();
    try {
        line.app.parse(argc, argv);
    } catch (CLI::CallForHelp const& asked) {
        // Of a verb that there is none of there is no help, either.
        if (!mistyped(line, argc, argv).empty())
            return usage_error(line, asked, argc, argv, streams);
        streams.output << line.app.help();
        return 0;
    } catch (CLI::CallForVersion const&) {
        streams.output << "splitmx " SPLITMX_VERSION "\n";
        return 0;
    } catch (CLI::ParseError const& failure) {
        return usage_error(line, failure, argc, argv, streams);
    }
    auto const colour = colour_from(line.colour);
    if (!colour) {
        streams.error << "splitmx: --color is auto, always or never\n";
        return static_cast<int>(ExitCode::usage);
    }
    line.global.colour = *colour;
    for (auto const& finish : line.actions.after_parsing) finish();
    read_environment(line.global);
    auto const& action = line.actions.actions.at(named_verb(line.app).app);
    if (line.global.verbose) tell_surroundings(line.global, streams);
    auto const began = std::chrono::steady_clock::now();
    auto const code = static_cast<int>(action({line.global, streams}));
    if (line.global.verbose) {
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;
        streams.output << std::flush;
        streams.error << fmt::format("splitmx: exit {} after {:.3f} s\n", code, took.count());
    }
    return code;
}

}  // namespace splitmx::admin
