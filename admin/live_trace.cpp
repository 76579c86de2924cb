#include "admin/live_trace.hpp"

#include "admin/complaint.hpp"
#include "admin/daemon.hpp"
#include "admin/terminal.hpp"
#include "admin/trace_text.hpp"
#include "mail/date_time.hpp"
#include "mail/ip_address.hpp"
#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <utility>

#include "control/record_json.hpp"
#include "queue/filter.hpp"

namespace splitmx::admin {

namespace {

namespace json = control::json;
using history::Record;

constexpr std::size_t line_width = 80;

// A line that one side of a session has said.
struct Said {
    std::string session;
    std::string client;
    bool is_by_client = false;
    std::string text;
    mail::Instant at;
    bool follows_gap = false;
};

Said read_said(json::object const& row) {
    return {
        control::text_of(row, "session"),
        control::text_of(row, "client"),
        control::flag_of(row, "by_client"),
        mail::to_log_text(control::text_to_octets(control::text_of(row, "text"))),
        mail::Instant(std::chrono::milliseconds(control::number_of(row, "at_ms"))),
        control::flag_of(row, "follows_gap")};
}

bool is_refusal(Record const& record) {
    return !record.reply.empty() && record.reply.front() >= '0' && record.reply.front() <= '9';
}

bool is_answer_to(std::string const& line, Record const& decided) {
    if (is_refusal(decided)) return decided.reply.starts_with(line);
    return line.starts_with("250 2.1.5");
}

// The last line of the configuration that had a say, as FILE:LINE.
std::string source_of(Record const& decided) {
    boost::system::error_code broken;
    auto const parsed = json::parse(decided.decision, broken);
    auto const* const object = broken ? nullptr : parsed.if_object();
    auto const* const trace = object ? object->if_contains("trace") : nullptr;
    std::string found;
    if (!trace || !trace->is_array()) return found;
    for (auto const& step : trace->as_array()) {
        auto const* const members = step.if_object();
        if (members == nullptr) continue;
        auto const source = control::text_of(*members, "source");
        auto const colon = source.rfind(':');
        bool const is_place =
            colon != std::string::npos && colon + 1 < source.size() &&
            source.find_first_not_of("0123456789", colon + 1) == std::string::npos;
        if (is_place) found = source.substr(source.rfind('/') + 1);
    }
    return found;
}

std::string reason_of(Record const& decided) {
    auto text = decided.reply.substr(is_refusal(decided) ? decided.reply.rfind(' ') + 1 : 0);
    if (!decided.host.empty()) text += " at " + decided.host;
    auto const source = source_of(decided);
    return fmt::format("[{}{}{}]", mail::to_log_text(text), source.empty() ? "" : ", ", source);
}

class Screen {
public:
    Screen(LiveOptions const& options, TraceForm form, Context const& context)
        : options_(options),
          form_(form),
          out_(context.streams.output),
          error_(context.streams.error),
          quiet_(context.global.quiet),
          paint_(context.global.colour, context.streams.output) {}

    void show(json::object const& row) {
        if (std::exchange(waits_, false) && !quiet_)
            error_ << "watching what happens from now on; Ctrl-C ends it\n" << std::flush;
        if (auto const* record = row.if_contains("record"); record && record->is_object())
            show(control::read_record(record->as_object()));
        if (auto const* line = row.if_contains("line"); line && line->is_object())
            show(read_said(line->as_object()));
        if (auto const missed = control::number_of(row, "missed"); missed > 0) show_missed(missed);
        out_ << std::flush;
    }

private:
    void show(Record const& record) {
        if (form_ == TraceForm::json) {
            out_ << trace_json(record) << "\n";
        } else if (form_ == TraceForm::msgtrk) {
            out_ << msgtrk_line(record);
        } else if (
            options_.smtp && record.kind == history::Kind::resolve && !record.session.empty()
        ) {
            decided_[record.session].push_back(record);
        } else {
            out_ << live_text(record, {form_ == TraceForm::explained, terminal_width(out_)});
            session_.clear();
        }
    }

    void show(Said const& said) {
        if (form_ == TraceForm::json) {
            json::object object;
            object["time"] = mail::to_timestamp(said.at);
            object["event"] = "SMTP";
            object["session"] = said.session;
            object["client"] = said.client;
            object["by"] = said.is_by_client ? "client" : "relay";
            object["text"] = said.text;
            out_ << json::serialize(object) << "\n";
            return;
        }
        if (form_ == TraceForm::msgtrk) return;
        if (!options_.one && std::exchange(session_, said.session) != said.session) {
            out_ << fmt::format(
                "{} {:<10} {}\n", mail::to_timestamp(said.at).substr(11, 12), said.session, said.client
            );
        }
        auto const line = fmt::format(
            "{}{}: {}", said.follows_gap ? "..." : "   ", said.is_by_client ? 'C' : 'S', said.text
        );
        bool const bad =
            !said.is_by_client && (said.text.starts_with('4') || said.text.starts_with('5'));
        out_ << (bad ? paint_.red(line) : line);
        auto const reason = reason_behind(said);
        if (!reason.empty()) {
            bool const fits = line.size() + 5 + reason.size() <= line_width;
            out_ << (fits ? "     " : "\n      ") << paint_.faint(reason);
        }
        out_ << "\n";
    }

    // Why the relay says it, where a decision is behind it.
    std::string reason_behind(Said const& said) {
        auto const found = decided_.find(said.session);
        if (said.is_by_client || found == decided_.end()) return {};
        if (!is_answer_to(said.text, found->second.front())) return {};
        auto reason = reason_of(found->second.front());
        found->second.pop_front();
        if (found->second.empty()) decided_.erase(found);
        return reason;
    }

    void show_missed(std::uint64_t count) {
        if (form_ == TraceForm::json)
            out_ << fmt::format("{{\"event\":\"MISSED\",\"count\":{}}}\n", count);
        else
            error_ << fmt::format("{} events were missed: too much to show\n", count) << std::flush;
    }

    LiveOptions const& options_;
    TraceForm form_;
    std::ostream& out_;
    std::ostream& error_;
    bool quiet_;
    Paint paint_;
    bool waits_ = true;
    std::string session_;                             // that the last line is of
    std::map<std::string, std::deque<Record>> decided_;  // not answered yet, by session
};

}  // namespace

ExitCode trace_live(LiveOptions const& options, TraceForm form, Context const& context) {
    json::object arguments;
    for (auto const& [name, value] : {std::pair("from", &options.from), {"to", &options.to}}) {
        if (value->empty()) continue;
        auto const address = queue::parse_address_filter(*value);
        if (!address)
            return wrong_usage(
                context, "trace", fmt::format("--{}: {}", name, address.error().what)
            );
        arguments[name] = *address;
    }
    if (!options.client.empty()) {
        auto const network = mail::Network::parse(options.client);
        if (!network) return wrong_usage(context, "trace", "--client: " + network.error().what);
        arguments["client"] = options.client;
    }
    arguments["host"] = options.host;
    arguments["smtp"] = options.smtp;
    arguments["one"] = options.one;
    if (form == TraceForm::msgtrk) context.streams.output << msgtrk_heading();
    Screen screen(options, form, context);
    Daemon daemon(socket_path(context.global));
    auto const answer = daemon.ask("trace.live", std::move(arguments), [&](auto const& row) {
        screen.show(row);
    });
    auto const* failure = std::get_if<control::Failure>(&answer);
    return failure != nullptr ? tell("trace", *failure, context.streams) : ExitCode::ok;
}

}  // namespace splitmx::admin
