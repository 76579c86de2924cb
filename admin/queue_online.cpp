#include "admin/queue_online.hpp"

#include "admin/daemon.hpp"
#include "admin/queue_command.hpp"
#include "admin/status_text.hpp"
#include "admin/terminal.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "control/filter_json.hpp"
#include "queue/text.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;

mail::Instant now() { return std::chrono::system_clock::now(); }

std::optional<queue::Row> row_of(json::object const& object) {
    auto row = queue::from_json(json::serialize(object));
    if (!row) return std::nullopt;
    return std::move(*row);
}

ExitCode end(std::string const& verb, DaemonAnswer const& answer, Context const& context) {
    if (auto const* failure = std::get_if<control::Failure>(&answer)) {
        return tell("queue " + verb, *failure, context.streams);
    }
    return ExitCode::ok;
}

ExitCode usage(std::string const& verb, std::string const& what, Context const& context) {
    return tell("queue " + verb, {static_cast<int>(ExitCode::usage), what}, context.streams);
}

json::object with_id(std::string const& id) {
    json::object arguments;
    arguments["id"] = id;
    return arguments;
}

// What a change hits, gathered from its rows.
struct Hits {
    std::vector<std::string> ids;
    std::optional<mail::Instant> oldest;
    std::size_t failed = 0;

    void add(json::object const& object) {
        ids.push_back(control::text_of(object, "queue_id"));
        auto const row = row_of(object);
        if (row && (!oldest || row->arrived < *oldest)) oldest = row->arrived;
    }
    std::string to_text() const {
        auto text = counted(ids.size(), "message");
        if (oldest) text += fmt::format(" (oldest {})", queue::age_text(now() - *oldest));
        return text;
    }
};

DaemonAnswer ask_for_change(
    Daemon& daemon,
    ChangeOptions const& options,
    queue::Filter const& filter,
    bool dry_run,
    OnRow const& on_row
) {
    auto arguments = control::to_json(filter);
    arguments["operation"] = options.operation;
    arguments["text"] = options.text;
    arguments["no_report"] = options.no_report;
    arguments["dry_run"] = dry_run;
    return daemon.ask("queue.change", std::move(arguments), on_row);
}

// The ids from `next` on, as many as one line of the protocol takes well.
queue::Filter with_ids(std::vector<std::string> const& ids, std::size_t& next) {
    constexpr std::size_t at_once = 5000;
    queue::Filter filter;
    for (; next < ids.size() && filter.ids.size() < at_once; ++next) {
        if (auto const id = spool::SpoolId::parse(ids[next])) filter.ids.push_back(*id);
    }
    return filter;
}

std::string past(std::string const& operation) {
    if (operation == "retry") return "due now";
    if (operation == "hold") return "held";
    if (operation == "release") return "released";
    if (operation == "bounce") return "returned";
    return "dropped";
}

// What came of one message where it is not simply done.
std::string exception_text(json::object const& row) {
    auto const result = control::text_of(row, "result");
    if (result == "in_delivery") return "is in delivery; what is left after that follows";
    if (result == "not_here") return "is gone already";
    if (result == "is_held") return "is held; release it first";
    if (result == "not_held") return "is not held";
    if (result == "not_written") return "is unchanged: " + control::text_of(row, "why");
    return {};
}

ExitCode carry_out(
    Daemon& daemon,
    ChangeOptions const& options,
    queue::Filter filter,
    std::vector<std::string> const& shown,
    Context const& context
) {
    auto const& streams = context.streams;
    Hits hits;
    auto const on_row = [&](json::object const& row) {
        auto const result = control::text_of(row, "result");
        if (result == "done" || result == "in_delivery") hits.add(row);
        if (result == "not_written") ++hits.failed;
        auto const text = exception_text(row);
        if (text.empty() || context.global.quiet) return;
        streams.error << control::text_of(row, "queue_id") << " " << text << "\n";
    };
    std::size_t next = 0;
    do {
        if (!shown.empty()) filter = with_ids(shown, next);
        auto const answer = ask_for_change(daemon, options, filter, false, on_row);
        if (std::holds_alternative<control::Failure>(answer)) {
            return end(options.operation, answer, context);
        }
    } while (next < shown.size());
    if (!context.global.quiet) {
        streams.output << counted(hits.ids.size(), "message") << " " << past(options.operation)
                       << "\n";
    }
    return hits.failed > 0 ? ExitCode::io : ExitCode::ok;
}

}  // namespace

ExitCode list_queue_online(ListOptions const& options, Context const& context) {
    auto const filter = to_filter(options.filter);
    if (!filter) return usage("list", filter.error().what, context);
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
        out << queue::list_text(rows, now(), terminal_width(out));
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
            context.streams.output << queue::show_text(*row, now());
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

ExitCode change_queue(ChangeOptions const& options, Context const& context) {
    auto const& operation = options.operation;
    auto const filter = to_filter(options.filter);
    if (!filter) return usage(operation, filter.error().what, context);
    if (filter->is_empty() && !options.all) {
        return usage(operation, "which messages? A filter, ids, or --all", context);
    }
    bool const destroys = operation == "bounce" || operation == "drop";
    Daemon daemon(socket_path(context.global));
    Hits would;
    if (options.dry_run || (destroys && !options.yes)) {
        auto const on_row = [&](json::object const& row) { would.add(row); };
        auto const answer = ask_for_change(daemon, options, *filter, true, on_row);
        if (std::holds_alternative<control::Failure>(answer)) {
            return end(operation, answer, context);
        }
        auto const text = fmt::format("would {} {}", operation, would.to_text());
        if (options.dry_run || would.ids.empty()) {
            context.streams.output << text << "\n";
            return ExitCode::ok;
        }
        if (!is_confirmed(text + ". Go on?", context.streams)) {
            context.streams.error << "nothing was changed\n";
            return ExitCode::ok;
        }
    }
    // What was shown, and nothing that came in between.
    return carry_out(daemon, options, *filter, would.ids, context);
}

}  // namespace splitmx::admin
