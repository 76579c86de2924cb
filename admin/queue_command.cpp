#include "admin/queue_command.hpp"

#include "admin/complaint.hpp"
#include "admin/offline_queue.hpp"
#include "admin/terminal.hpp"
#include "config/read.hpp"

#include <fmt/format.h>

#include <variant>

#include "queue/text.hpp"

namespace splitmx::admin {

namespace {

ExitCode code_of(spool::Error const& error) {
    switch (error.code) {
        case spool::Errc::not_found:
        case spool::Errc::damaged:
            return ExitCode::bad_data;
        case spool::Errc::no_space:
        case spool::Errc::io:
        case spool::Errc::exists:
        case spool::Errc::wrong_version:
        case spool::Errc::locked:
        case spool::Errc::stopped:
            break;
    }
    return ExitCode::unavailable;
}

ExitCode give_up(Context const& context, std::string_view verb, spool::Error const& error) {
    return complain(context, fmt::format("queue {}", verb), code_of(error), error.what);
}

std::variant<OfflineQueue, ExitCode> open_queue(Context const& context, std::string_view verb) {
    auto loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    auto opened = OfflineQueue::open(loaded.config->spool.path);
    if (!opened) return give_up(context, verb, opened.error());
    return std::move(*opened);
}

// One message that was named, from the queue on the disk.
struct NamedMessage {
    OfflineQueue queue;
    spool::SpoolId id;
};

std::variant<NamedMessage, ExitCode> open_message(
    Context const& context, std::string_view verb, std::string const& text
) {
    auto const id = spool::SpoolId::parse(text);
    if (!id) {
        context.streams.error << "splitmx queue " << verb << ": " << id.error().what << "\n";
        return ExitCode::usage;
    }
    auto queue = open_queue(context, verb);
    if (auto const* code = std::get_if<ExitCode>(&queue)) return *code;
    return NamedMessage{std::move(std::get<OfflineQueue>(queue)), *id};
}

}  // namespace

std::string damaged_note(std::string const& id) {
    return "note: " + id + " is damaged; these are its octets as they were found\n";
}

std::variant<std::vector<queue::Row>, ExitCode> read_rows_offline(
    queue::Filter const& filter, Context const& context, std::string_view verb
) {
    auto queue = open_queue(context, verb);
    if (auto const* code = std::get_if<ExitCode>(&queue)) return *code;
    auto rows = std::get<OfflineQueue>(queue).rows(filter, std::chrono::system_clock::now());
    if (!rows) return give_up(context, verb, rows.error());
    return std::move(*rows);
}

ExitCode list_queue_offline(ListOptions const& options, Context const& context) {
    auto const filter = to_filter(options.filter);
    if (!filter) {
        context.streams.error << "splitmx queue list: " << filter.error().what << "\n";
        return ExitCode::usage;
    }
    auto const read = read_rows_offline(*filter, context, "list");
    if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
    auto const& rows = std::get<std::vector<queue::Row>>(read);
    auto& output = context.streams.output;
    if (options.json) {
        for (auto const& row : rows) output << queue::to_json(row) << "\n";
    } else {
        output << queue::list_text(rows, std::chrono::system_clock::now(), terminal_width(output));
    }
    return ExitCode::ok;
}

ExitCode show_message_offline(MessageOptions const& options, Context const& context) {
    auto opened = open_message(context, "show", options.id);
    if (auto const* code = std::get_if<ExitCode>(&opened)) return *code;
    auto const& [queue, id] = std::get<NamedMessage>(opened);
    auto const row = queue.row(id);
    if (!row) return give_up(context, "show", row.error());
    if (options.json)
        context.streams.output << queue::to_json(*row) << "\n";
    else
        context.streams.output << queue::show_text(*row, std::chrono::system_clock::now());
    return ExitCode::ok;
}

ExitCode export_message_offline(MessageOptions const& options, Context const& context) {
    auto opened = open_message(context, "export", options.id);
    if (auto const* code = std::get_if<ExitCode>(&opened)) return *code;
    auto const& [queue, id] = std::get<NamedMessage>(opened);
    auto const row = queue.row(id);
    if (!row) return give_up(context, "export", row.error());
    if (options.json) {
        context.streams.output << queue::to_json(*row) << "\n";
        return ExitCode::ok;
    }
    if (row->place == queue::Place::damaged) {
        context.streams.error << damaged_note(row->id.to_text());
    }
    auto const written = queue.write_body(id, context.streams.output);
    if (!written) return give_up(context, "export", written.error());
    return ExitCode::ok;
}

}  // namespace splitmx::admin
