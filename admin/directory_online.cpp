#include "admin/directory_online.hpp"

#include "admin/daemon.hpp"
#include "admin/directory_check.hpp"
#include "admin/directory_text.hpp"
#include "admin/terminal.hpp"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace splitmx::admin {

namespace {

namespace json = control::json;

json::object arguments_of(DirectoryOptions const& options) {
    json::object arguments;
    if (!options.name.empty()) arguments["name"] = options.name;
    return arguments;
}

std::optional<std::uint64_t> seconds_of(std::string const& text) {
    std::uint64_t number = 0;
    auto const end = text.data() + text.size();
    auto const [stop, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || stop != end || number == 0) return std::nullopt;
    return number;
}

ExitCode code_of(json::object const& outcome) {
    auto const what = control::text_of(outcome, "outcome");
    if (what == "failed") return ExitCode::unavailable;
    if (what == "held" || what == "late" || what == "refresh_under_way" || what == "replaced" ||
        what == "others_held") {
        return ExitCode::temporary;
    }
    return ExitCode::ok;
}

struct Held {
    std::string name;
    json::object loss;
};

// Asks for a change, prints what came of it, directory by directory.
ExitCode carry_out(
    Daemon& daemon,
    std::string const& verb,
    json::object arguments,
    DirectoryOptions const& options,
    Context const& context
) {
    auto code = ExitCode::ok;
    auto& out = context.streams.output;
    auto const on_row = [&](json::object const& row) {
        if (options.json)
            out << json::serialize(row) << "\n";
        else if (!context.global.quiet)
            out << outcome_text(row);
        code = worst(code, code_of(row));
    };
    auto const answer = daemon.ask("directory." + verb, std::move(arguments), on_row);
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("directory " + verb, *failure, context.streams);
    }
    return code;
}

}  // namespace

ExitCode show_directories(DirectoryOptions const& options, Context const& context) {
    Daemon daemon(socket_path(context.global));
    std::vector<json::object> rows;
    auto const answer =
        daemon.ask("directory.status", arguments_of(options), [&](json::object const& row) {
            rows.push_back(row);
        });
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("directory status", *failure, context.streams);
    }
    auto const now = control::number_of(std::get<control::Done>(answer).content, "now");
    auto& out = context.streams.output;
    if (options.json) {
        for (auto const& row : rows) out << json::serialize(row) << "\n";
        return ExitCode::ok;
    }
    auto const checked = check_directories(rows, context);
    bool first = true;
    for (auto const& row : rows) {
        if (!std::exchange(first, false)) out << "\n";
        auto const tests = checked.servers.find(control::text_of(row, "name"));
        out << directory_text(
            row,
            static_cast<std::int64_t>(now),
            tests == checked.servers.end() ? ServerTests() : tests->second
        );
    }
    out << checked.people;
    return ExitCode::ok;
}

ExitCode read_directories_again(DirectoryOptions const& options, Context const& context) {
    auto const seconds = seconds_of(options.wait);
    if (!seconds) {
        context.streams.error << "splitmx directory sync: --wait is a number of seconds\n";
        return ExitCode::usage;
    }
    Daemon daemon(socket_path(context.global));
    auto arguments = arguments_of(options);
    arguments["seconds"] = *seconds;
    return carry_out(daemon, "sync", std::move(arguments), options, context);
}

ExitCode accept_removals(DirectoryOptions const& options, Context const& context) {
    Daemon daemon(socket_path(context.global));
    std::vector<Held> held;
    auto const answer =
        daemon.ask("directory.status", arguments_of(options), [&](json::object const& row) {
            auto const* loss = row.if_contains("held");
            if (loss != nullptr) held.push_back({control::text_of(row, "name"), loss->as_object()});
        });
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("directory accept", *failure, context.streams);
    }
    if (held.empty()) {
        context.streams.output << "nothing is held\n";
        return ExitCode::ok;
    }
    auto code = ExitCode::ok;
    for (auto const& [name, loss] : held) {
        auto const question = name + ": let go " + held_text(loss) + "?";
        if (!options.yes && !is_confirmed(question, context.streams)) {
            context.streams.error << "nothing was changed\n";
            continue;
        }
        json::object arguments;
        arguments["name"] = name;
        // What was shown, and nothing that came in between.
        arguments["digest"] = control::text_of(loss, "digest");
        code = worst(code, carry_out(daemon, "accept", std::move(arguments), options, context));
    }
    return code;
}

}  // namespace splitmx::admin
