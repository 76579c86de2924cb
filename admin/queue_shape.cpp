// `splitmx queue shape`: the queue as a grid, next hops or domains by age.
#include "admin/complaint.hpp"
#include "admin/daemon.hpp"
#include "admin/queue_command.hpp"
#include "admin/terminal.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <optional>
#include <utility>

#include "control/filter_json.hpp"
#include "queue/shape.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;

std::variant<std::vector<queue::Row>, ExitCode> read_rows_online(
    queue::Filter const& filter, Context const& context
) {
    std::vector<queue::Row> rows;
    Daemon daemon(socket_path(context.global));
    auto const answer =
        daemon.ask("queue.list", control::to_json(filter), [&](json::object const& object) {
            auto row = queue::from_json(json::serialize(object));
            if (row) rows.push_back(std::move(*row));
        });
    auto const* failure = std::get_if<control::Failure>(&answer);
    if (failure != nullptr) return tell("queue shape", *failure, context.streams);
    return rows;
}

json::object to_object(queue::ShapeLine const& line, std::string const& by) {
    json::object ages;
    for (std::size_t i = 0; i < line.by_age.size(); ++i) {
        ages[queue::shape_heading(i)] = line.by_age[i];
    }
    json::object object;
    object[by] =
        line.name.empty() ? json::value(nullptr) : json::value(mail::to_log_text(line.name));
    object["recipients"] = line.recipients;
    object["minutes"] = std::move(ages);
    return object;
}

}  // namespace

ExitCode show_queue_shape(ShapeOptions const& options, Context const& context) {
    auto const filter = to_filter(options.filter);
    if (!filter) return wrong_usage(context, "queue shape", filter.error().what);
    if (options.by != "host" && options.by != "domain") {
        return wrong_usage(context, "queue shape", "--by is host or domain");
    }
    auto const read = options.offline ? read_rows_offline(*filter, context, "shape")
                                      : read_rows_online(*filter, context);
    if (auto const* code = std::get_if<ExitCode>(&read)) return *code;
    auto const by = options.by == "host" ? queue::ShapeBy::host : queue::ShapeBy::domain;
    auto const shape =
        queue::shape(std::get<std::vector<queue::Row>>(read), std::chrono::system_clock::now(), by);
    auto& output = context.streams.output;
    if (!options.json) {
        output << queue::shape_text(shape, terminal_width(output));
        return ExitCode::ok;
    }
    output << json::serialize(to_object(shape.total, options.by)) << "\n";
    for (auto const& line : shape.lines) {
        output << json::serialize(to_object(line, options.by)) << "\n";
    }
    return ExitCode::ok;
}

}  // namespace splitmx::admin
