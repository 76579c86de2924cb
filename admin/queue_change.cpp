#include "admin/queue_change.hpp"

#include "admin/complaint.hpp"
#include "admin/daemon.hpp"
#include "admin/status_text.hpp"
#include "admin/terminal.hpp"
#include "mail/date_time.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "control/filter_json.hpp"
#include "queue/row.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;

// What a change hits, gathered from its rows.
struct Hits {
    std::vector<std::string> ids;
    std::optional<mail::Instant> oldest;
    std::uint64_t recipients = 0;  // whom a move, a bounce or a drop is about
    std::uint64_t others = 0;      // of the same messages, whom it is not
    std::size_t failed = 0;

    void add(json::object const& object) {
        ids.push_back(control::text_of(object, "queue_id"));
        recipients += control::number_of(object, "hits");
        others += control::number_of(object, "stays");
        auto const row = queue::from_json(json::serialize(object));
        if (row && (!oldest || row->arrived < *oldest)) oldest = row->arrived;
    }
    std::string to_text(bool is_move) const {
        auto text = counted(ids.size(), "message");
        if (is_move || others > 0) text = counted(recipients, "recipient") + " of " + text;
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
    // Of a filter it is a list of hosts.
    if (options.operation == "move") arguments["to_host"] = options.host;
    arguments["no_report"] = options.no_report;
    arguments["dry_run"] = dry_run;
    return daemon.ask("queue.change", std::move(arguments), on_row);
}

// The ids from `next` on, as many as one line of the protocol takes well; what the filter says of
// recipients still counts.
queue::Filter with_ids(
    queue::Filter filter, std::vector<std::string> const& ids, std::size_t& next
) {
    constexpr std::size_t at_once = 5000;
    filter.ids.clear();
    filter.older.reset();
    filter.newer.reset();
    for (; next < ids.size() && filter.ids.size() < at_once; ++next) {
        if (auto const id = spool::SpoolId::parse(ids[next])) filter.ids.push_back(*id);
    }
    return filter;
}

std::string past(ChangeOptions const& options) {
    auto const& operation = options.operation;
    if (operation == "retry") return "due now";
    if (operation == "hold") return "held";
    if (operation == "release") return "released";
    if (operation == "bounce") return options.no_report ? "ended, nobody is told" : "returned";
    if (operation == "drop") return "dropped";
    return options.back ? "moved back" : "moved to " + options.host;
}

// What came of one message where it is not simply done.
std::string exception_text(json::object const& row, ChangeOptions const& options) {
    auto const result = control::text_of(row, "result");
    if (result == "in_delivery") return "is in delivery; what is left after that follows";
    if (result == "not_here") return "is gone already";
    if (result == "is_held") return "is held; release it first";
    if (result == "not_held") return "is not held";
    if (result == "unmoved") return "has nobody left who is meant";
    if (result == "would_loop") {
        return fmt::format("came from {}: there it would loop; it stays", options.host);
    }
    if (result == "not_written") {
        return fmt::format("is unchanged: {}", control::text_of(row, "why"));
    }
    return {};
}

// "on notes1.adatum.com:25"
std::string where(json::object const& done) {
    auto const* const value = done.if_contains("hosts");
    auto const* const hosts = value != nullptr ? value->if_array() : nullptr;
    if (hosts == nullptr || hosts->empty()) return {};
    if (hosts->size() > 1) return fmt::format(" on {} hosts", hosts->size());
    auto const* const host = hosts->front().if_object();
    if (host == nullptr) return {};
    auto const addresses = control::texts_of(*host, "addresses");
    if (addresses.empty()) return fmt::format(" on {}", control::text_of(*host, "name"));
    return fmt::format(" on {}", fmt::join(addresses, ", "));
}

void tell_exception(
    json::object const& row, ChangeOptions const& options, Context const& context
) {
    auto const text = exception_text(row, options);
    if (text.empty() || context.global.quiet) return;
    context.streams.error << control::text_of(row, "queue_id") << " " << text << "\n";
}

ExitCode carry_out(
    Daemon& daemon,
    ChangeOptions const& options,
    queue::Filter filter,
    std::vector<std::string> const& shown,
    Context const& context
) {
    bool const is_move = options.operation == "move";
    Hits hits;
    auto const on_row = [&](json::object const& row) {
        auto const result = control::text_of(row, "result");
        if (result == "done" || result == "in_delivery") hits.add(row);
        if (result == "not_written") ++hits.failed;
        tell_exception(row, options, context);
    };
    std::size_t next = 0;
    do {
        if (!shown.empty()) filter = with_ids(filter, shown, next);
        auto const answer = ask_for_change(daemon, options, filter, false, on_row);
        if (auto const* failure = std::get_if<control::Failure>(&answer)) {
            return tell("queue " + options.operation, *failure, context.streams);
        }
    } while (next < shown.size());
    if (!context.global.quiet) {
        context.streams.output << hits.to_text(is_move) << " " << past(options) << "\n";
    }
    return hits.failed > 0 ? ExitCode::io : ExitCode::ok;
}

// "would retry 1 message (oldest 14 min) on notes1.adatum.com:25"
std::string would_text(
    ChangeOptions const& options, Hits const& would, json::object const& done
) {
    bool const is_move = options.operation == "move";
    auto text = fmt::format("would {} {}", options.operation, would.to_text(is_move));
    if (options.back) text += " back";
    if (would.oldest) {
        auto const age = std::chrono::duration_cast<mail::Duration>(
            std::chrono::system_clock::now() - *would.oldest
        );
        text += fmt::format(" (oldest {})", mail::to_short_words(age));
    }
    if (is_move && !options.back) text += " to " + options.host;
    if (options.operation == "retry" || options.operation == "release" || is_move) {
        if (!would.ids.empty() && !options.back) text += where(done);
    }
    return text;
}

std::string contradiction_in(ChangeOptions const& options, queue::Filter const& filter) {
    if (options.operation == "move" && options.back == !options.host.empty()) {
        return options.back ? "--host and --back exclude each other"
                            : "to which host? --host NAME, or --back to where the rules say";
    }
    if (filter.is_empty() && !options.all) return "which messages? A filter, ids, or --all";
    return {};
}

}  // namespace

ExitCode change_queue(ChangeOptions const& options, Context const& context) {
    auto const& operation = options.operation;
    auto const filter = to_filter(options.filter);
    if (!filter) return wrong_usage(context, "queue " + operation, filter.error().what);
    if (auto const wrong = contradiction_in(options, *filter); !wrong.empty()) {
        return wrong_usage(context, "queue " + operation, wrong);
    }
    bool const asks = operation == "bounce" || operation == "drop" || operation == "move";
    Daemon daemon(socket_path(context.global));
    Hits would;
    if (options.dry_run || (asks && !options.yes)) {
        auto const on_row = [&](json::object const& row) {
            if (control::text_of(row, "result") != "would_loop") return would.add(row);
            tell_exception(row, options, context);
        };
        auto const answer = ask_for_change(daemon, options, *filter, true, on_row);
        if (auto const* failure = std::get_if<control::Failure>(&answer)) {
            return tell("queue " + operation, *failure, context.streams);
        }
        auto const text = would_text(options, would, std::get<control::Done>(answer).content);
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
