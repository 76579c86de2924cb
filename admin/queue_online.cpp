#include "admin/queue_online.hpp"

#include "admin/complaint.hpp"
#include "admin/daemon.hpp"
#include "admin/queue_command.hpp"
#include "admin/terminal.hpp"
#include "mail/date_time.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "control/filter_json.hpp"
#include "queue/text.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;

std::optional<queue::Row> row_of(json::object const& object) {
    auto row = queue::from_json(json::serialize(object));
    if (!row) return std::nullopt;
    return std::move(*row);
}

// Those that take no mail, and since when.
queue::HostNotes host_notes(Daemon& daemon) {
    queue::HostNotes notes;
    (void)daemon.ask("host.list", {}, [&](json::object const& host) {
        auto const state = control::text_of(host, "state");
        if (state == "up") return;
        auto const since = std::chrono::seconds(control::number_of(host, "since"));
        auto const lasted = std::chrono::duration_cast<mail::Duration>(
            std::chrono::system_clock::now() - mail::Instant(since)
        );
        auto const why = control::text_of(host, state == "paused" ? "reason" : "last_answer");
        notes[control::text_of(host, "name")] = fmt::format(
            "{} for {}{}{}", state, mail::to_short_words(lasted), why.empty() ? "" : ": ", why
        );
    });
    return notes;
}

ExitCode end(std::string const& verb, DaemonAnswer const& answer, Context const& context) {
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("queue " + verb, *failure, context.streams);
    }
    return ExitCode::ok;
}

json::object with_id(std::string const& id) {
    json::object arguments;
    arguments["id"] = id;
    return arguments;
}

}  // namespace

ExitCode list_queue_online(ListOptions const& options, Context const& context) {
    auto const filter = to_filter(options.filter);
    if (!filter) return wrong_usage(context, "queue list", filter.error().what);
    auto& out = context.streams.output;
    std::vector<queue::Row> rows;
    Daemon daemon(socket_path(context.global));
    auto const answer =
        daemon.ask("queue.list", control::to_json(*filter), [&](json::object const& object) {
            if (options.json)
                out << json::serialize(object) << "\n";
            else if (auto row = row_of(object))
                rows.push_back(std::move(*row));
        });
    if (std::holds_alternative<control::Done>(answer) && !options.json) {
        out << queue::list_text(
            rows, std::chrono::system_clock::now(), terminal_width(out), host_notes(daemon)
        );
    }
    return end("list", answer, context);
}

ExitCode show_message_online(MessageOptions const& options, Context const& context) {
    Daemon daemon(socket_path(context.global));
    auto const answer = daemon.ask("queue.show", with_id(options.id));
    if (auto const* done = std::get_if<control::Done>(&answer)) {
        auto const row = row_of(done->content);
        if (options.json || !row)
            context.streams.output << json::serialize(done->content) << "\n";
        else
            context.streams.output
                << queue::show_text(*row, std::chrono::system_clock::now(), host_notes(daemon));
    }
    return end("show", answer, context);
}

ExitCode export_message_online(MessageOptions const& options, Context const& context) {
    if (options.json) return show_message_online(options, context);
    auto& out = context.streams.output;
    Daemon daemon(socket_path(context.global));
    auto const answer =
        daemon.ask("queue.export", with_id(options.id), [&](json::object const& row) {
            out << control::text_to_octets(control::text_of(row, "octets"));
        });
    out << std::flush;
    auto const* done = std::get_if<control::Done>(&answer);
    if (done != nullptr && control::flag_of(done->content, "damaged")) {
        context.streams.error << damaged_note(options.id);
    }
    return end("export", answer, context);
}

}  // namespace splitmx::admin
