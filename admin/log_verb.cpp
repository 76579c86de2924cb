#include "admin/daemon.hpp"
#include "admin/verbs.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace splitmx::admin {

namespace {

namespace json = control::json;

struct LogGiven {
    std::string level;
    std::string component;
    std::string lasting;
    bool json = false;
};

// What it is now, and what it will be again.
std::string text_of(LogGiven const& given, json::object const& done) {
    auto text = control::text_of(done, "level");
    if (!given.component.empty()) text += " for lines of " + given.component;
    if (!given.lasting.empty()) {
        text += fmt::format(" for {}, then {}", given.lasting, control::text_of(done, "before"));
    }
    text += "\n";
    auto const* const words = done.if_contains("components");
    if (given.component.empty() && words != nullptr && words->is_object()) {
        for (auto const& [name, level] : words->as_object()) {
            std::string_view const word(name.data(), name.size());
            text += fmt::format("  {:<9}  {}\n", word, control::text_of(words->as_object(), word));
        }
    }
    return text;
}

ExitCode level(LogGiven const& given, Context const& context) {
    auto const& streams = context.streams;
    json::object arguments;
    arguments["level"] = given.level;
    arguments["component"] = given.component;
    if (!given.lasting.empty()) {
        if (given.level.empty()) {
            streams.error << "splitmx log level: --for needs a level\n";
            return ExitCode::usage;
        }
        auto const lasting = config::parse_duration(given.lasting);
        if (!lasting) {
            streams.error << "splitmx log level: --for: " << lasting.error().what << "\n";
            return ExitCode::usage;
        }
        auto const seconds = std::chrono::ceil<std::chrono::seconds>(*lasting);
        arguments["for_s"] = seconds.count();
    }
    Daemon daemon(socket_path(context.global));
    auto const answer = daemon.ask("log.level", std::move(arguments));
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("log level", *failure, streams);
    }
    auto const& done = std::get<control::Done>(answer).content;
    if (given.json)
        streams.output << json::serialize(done) << "\n";
    else if (!context.global.quiet || given.level.empty())
        streams.output << text_of(given, done);
    return ExitCode::ok;
}

}  // namespace

void add_log(Verb& splitmx) {
    auto const given = std::make_shared<LogGiven>();
    auto log = splitmx.verb("log", "what the relay writes to its log");
    auto verb = log.verb("level", "how much is logged; until the next reload");
    verb.word("level", given->level, "debug, info, warning or error; none: what it is now", false);
    verb.word(
        "component",
        given->component,
        "only lines with this word, such as decide or tls; the level may be default",
        false
    );
    verb.option("--for", "TIME", given->lasting, "such as 10m; then as before");
    verb.flag("--json", given->json, "one JSON object");
    verb.run([given](Context const& context) { return level(*given, context); });
}

}  // namespace splitmx::admin
