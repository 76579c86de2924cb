#include "admin/daemon.hpp"
#include "admin/status_text.hpp"
#include "admin/verbs.hpp"

#include <chrono>
#include <memory>
#include <thread>

namespace splitmx::admin {

namespace {

namespace json = control::json;

ExitCode show_status(bool watch, bool as_json, Context const& context) {
    Daemon daemon(socket_path(context.global));
    auto& out = context.streams.output;
    for (;;) {
        auto const answer = daemon.ask("status", {});
        if (auto const* failure = std::get_if<control::Failure>(&answer)) {
            return tell("status", *failure, context.streams);
        }
        auto const& status = std::get<control::Done>(answer).content;
        // Clears the screen, where there is one.
        if (watch && !as_json) out << "\x1b[H\x1b[2J";
        out << (as_json ? json::serialize(status) + "\n" : status_text(status)) << std::flush;
        if (!watch || !out) return ExitCode::ok;
        std::this_thread::sleep_for(std::chrono::seconds(2));
    }
}

ExitCode reload(bool as_json, Context const& context) {
    Daemon daemon(socket_path(context.global));
    auto const answer = daemon.ask("reload", {});
    auto const& streams = context.streams;
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        if (failure->exit != static_cast<int>(ExitCode::configuration)) {
            return tell("reload", *failure, streams);
        }
        streams.error << failure->text << "The old configuration stays.\n";
        return ExitCode::configuration;
    }
    auto const& done = std::get<control::Done>(answer).content;
    if (as_json) {
        streams.output << json::serialize(done) << "\n";
        return ExitCode::ok;
    }
    streams.error << control::text_of(done, "warnings");
    if (context.global.quiet) return ExitCode::ok;
    auto const changes = control::texts_of(done, "changes");
    streams.output << "configuration " << control::number_of(done, "generation") << " ("
                   << control::text_of(done, "hash") << ") is in force, "
                   << counted(changes.size(), "change") << "\n";
    for (auto const& change : changes) streams.output << "  " << change << "\n";
    for (auto const& change : control::texts_of(done, "waits_for_restart")) {
        streams.output << "  waits for a restart: " << change << "\n";
    }
    return ExitCode::ok;
}

}  // namespace

void add_status(Verb& splitmx) {
    struct Given {
        bool watch = false;
        bool json = false;
    };
    auto const given = std::make_shared<Given>();
    auto verb = splitmx.verb("status", "how is the relay?");
    verb.flag("--watch", given->watch, "again every two seconds");
    verb.flag("--json", given->json, "one JSON object");
    verb.run([given](Context const& context) {
        return show_status(given->watch, given->json, context);
    });
}

void add_reload(Verb& splitmx) {
    auto const as_json = std::make_shared<bool>(false);
    auto verb = splitmx.verb("reload", "take a new configuration: all of it, or nothing");
    verb.flag("--json", *as_json, "one JSON object");
    verb.run([as_json](Context const& context) { return reload(*as_json, context); });
}

}  // namespace splitmx::admin
