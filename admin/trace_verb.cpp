#include "admin/complaint.hpp"
#include "admin/daemon.hpp"
#include "admin/live_trace.hpp"
#include "admin/terminal.hpp"
#include "admin/trace_text.hpp"
#include "admin/verbs.hpp"
#include "config/read.hpp"
#include "config/suggestion.hpp"
#include "config/values.hpp"
#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "history/book.hpp"
#include "queue/row.hpp"

namespace splitmx::admin {

namespace {

constexpr std::int64_t most_messages = 20;

struct TraceGiven {
    std::string what;
    std::string since = "7d";
    std::string until;
    std::string events;
    std::string format;
    bool json = false;
    bool explain = false;
    bool live = false;
    LiveOptions watched;
};

using Kinds = std::set<history::Kind>;  // empty: all of them

// Ids have no `@`, addresses have one; postmaster alone is an address, too.
bool is_address(std::string const& what) { return what.find('@') != std::string::npos; }

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

mail::Result<TraceForm> form_of(TraceGiven const& given) {
    if (given.format == "msgtrk") return TraceForm::msgtrk;
    if (!given.format.empty())
        return mail::Error{"--format knows msgtrk, not " + given.format, 0};
    if (given.json) return TraceForm::json;
    return given.explain ? TraceForm::explained : TraceForm::people;
}

mail::Result<Kinds> kinds_of(TraceGiven const& given) {
    Kinds kinds;
    for (std::string_view rest = given.events; !rest.empty();) {
        auto const end = std::min(rest.find(','), rest.size());
        auto const word = upper_case(std::string(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (word.empty()) continue;
        auto const kind = history::kind_named(word);
        if (!kind) {
            auto const hint = config::did_you_mean(config::nearest(word, history::kind_words()));
            return mail::Error{
                fmt::format(
                    "--events: there is no event \"{}\"{}{}",
                    mail::to_log_text(word),
                    hint.empty() ? "" : "; ",
                    hint
                ),
                0};
        }
        kinds.insert(*kind);
    }
    return kinds;
}

mail::Result<history::Span> span_of(TraceGiven const& given) {
    auto const now = std::chrono::system_clock::now();
    auto const ago = [now](mail::Duration duration) {
        return std::chrono::time_point_cast<mail::Instant::duration>(now - duration);
    };
    auto const since = config::parse_duration(given.since);
    if (!since) return mail::Error{"--since: " + since.error().what, 0};
    history::Span span{ago(*since)};
    if (given.until.empty()) return span;
    auto const until = config::parse_duration(given.until);
    if (!until) return mail::Error{"--until: " + until.error().what, 0};
    span.until = ago(*until);
    if (span.until <= span.since) return mail::Error{"--until must be later than --since", 0};
    return span;
}

// What was asked for, checked.
struct Asked {
    std::string what;
    std::string since;  // as it was typed
    history::Span span;
    Kinds kinds;
    TraceForm form;

    bool wants(history::Record const& record) const {
        return kinds.empty() || kinds.contains(record.kind);
    }
};

void print(
    std::vector<history::Record> const& records,
    NextTries const& next_tries,
    TraceForm form,
    Context const& context
) {
    auto& out = context.streams.output;
    if (form == TraceForm::people || form == TraceForm::explained) {
        out << trace_text(
            records, next_tries, {form == TraceForm::explained, terminal_width(out)}
        );
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (form == TraceForm::json) {
            out << trace_json(records[i], next_try_of(records, i, next_tries)) << "\n";
        }
        if (form == TraceForm::msgtrk) out << msgtrk_line(records[i]);
    }
}

// Of those that wait: what the queue says, while there is a relay to ask.
NextTries next_tries_of(std::set<std::string> const& ids, Context const& context) {
    NextTries tries;
    if (ids.empty()) return tries;
    control::json::object arguments;
    auto& wanted = arguments["ids"].emplace_array();
    for (auto const& id : ids) wanted.emplace_back(id);
    Daemon daemon(socket_path(context.global));
    (void)daemon.ask("queue.list", std::move(arguments), [&](control::json::object const& row) {
        auto const message = queue::from_json(control::json::serialize(row));
        if (!message || message->place == queue::Place::hold) return;
        for (auto const& recipient : message->recipients) {
            if (!recipient.next_attempt) continue;
            tries[{message->id.to_text(), recipient.address}] = *recipient.next_attempt;
        }
    });
    return tries;
}

mail::Result<std::vector<std::string>> ids_to_show(history::Reader& reader, Asked const& asked) {
    if (!is_address(asked.what)) return std::vector{upper_case(asked.what)};
    auto ids = reader.ids_of(asked.what, asked.span, most_messages + 1);
    if (ids) std::reverse(ids->begin(), ids->end());
    return ids;
}

ExitCode show(history::Reader& reader, Asked const& asked, Context const& context) {
    auto ids = ids_to_show(reader, asked);
    if (!ids) return complain(context, "trace", ExitCode::io, ids.error().what);
    auto const left_out = ids->size() > static_cast<std::size_t>(most_messages);
    if (left_out) ids->erase(ids->begin());
    if (asked.form == TraceForm::msgtrk) context.streams.output << msgtrk_heading();
    bool const is_plain =
        asked.form == TraceForm::people || asked.form == TraceForm::explained;
    std::vector<std::vector<history::Record>> messages;
    std::set<std::string> deferred;
    for (auto const& id : *ids) {
        auto records = reader.of_id(id);
        if (!records) return complain(context, "trace", ExitCode::io, records.error().what);
        std::erase_if(*records, [&](auto const& record) { return !asked.wants(record); });
        if (records->empty()) continue;
        for (auto const& record : *records) {
            if (record.kind == history::Kind::defer) deferred.insert(record.id);
        }
        messages.push_back(std::move(*records));
    }
    auto const next_tries = next_tries_of(deferred, context);
    bool found = false;
    for (auto const& records : messages) {
        if (std::exchange(found, true) && is_plain) context.streams.output << "\n";
        print(records, next_tries, asked.form, context);
    }
    if (left_out && !context.global.quiet) {
        context.streams.error << "only the last " << most_messages
                              << " messages are shown; --since 1h asks for less\n";
    }
    if (found) return ExitCode::ok;
    auto const what = mail::to_log_text(asked.what);
    auto const within = is_address(asked.what) ? " within " + asked.since : std::string();
    return complain(
        context, "trace", ExitCode::no_such_host, "nothing is known of " + what + within
    );
}

ExitCode look_back(Asked const& asked, Context const& context) {
    auto const loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    auto const& history = loaded.config->history;
    auto reader = history::Reader::open(history.file);
    if (reader) return show(*reader, asked, context);
    if (!history.keep) {
        return complain(
            context,
            "trace",
            ExitCode::unavailable,
            "this relay keeps no history; [history] keep = \"14d\" does from its next start on"
        );
    }
    return complain(context, "trace", ExitCode::io, reader.error().what);
}

// Flags that say nothing together.
std::string contradiction(TraceGiven const& given) {
    if (given.live && !given.what.empty())
        return "--live shows all that happens; --to and --from ask for addresses";
    if (given.live && !given.until.empty()) return "--live has no --until";
    if (given.live && !given.events.empty()) return "--live has no --events";
    if (given.json && !given.format.empty()) return "--json or --format, not both";
    if (!given.live && given.watched.is_any_given())
        return "--client, --from, --to, --host, --smtp and --one go with --live";
    return !given.live && given.what.empty() ? "which message, or which address? Or --live" : "";
}

ExitCode trace(TraceGiven const& given, Context const& context) {
    if (auto const wrong = contradiction(given); !wrong.empty())
        return wrong_usage(context, "trace", wrong);
    auto const form = form_of(given);
    if (!form) return wrong_usage(context, "trace", form.error().what);
    if (given.live) return trace_live(given.watched, *form, context);
    auto const span = span_of(given);
    if (!span) return wrong_usage(context, "trace", span.error().what);
    auto kinds = kinds_of(given);
    if (!kinds) return wrong_usage(context, "trace", kinds.error().what);
    return look_back({given.what, given.since, *span, std::move(*kinds), *form}, context);
}

}  // namespace

void add_trace(Verb& splitmx) {
    auto const given = std::make_shared<TraceGiven>();
    auto verb = splitmx.verb("trace", "what happened to a message, or what happens now");
    verb.word("what", given->what, "the id of a message, or an address", false);
    verb.option("--since", "TIME", given->since, "of an address: how far back, 7d by default");
    verb.option("--until", "TIME", given->until, "of an address: only mail of so long ago, and older");
    verb.option("--events", "NAMES", given->events, "only these, such as SEND,DEFER,FAIL");
    verb.flag("--explain", given->explain, "each decision in full, as it was made");
    verb.flag("--json", given->json, "one JSON object a line");
    verb.option("--format", "msgtrk", given->format, "CSV as Exchange's message tracking");
    auto& watched = given->watched;
    verb.flag("--live", given->live, "what happens at the relay from now on");
    verb.option("--client", "NETWORK", watched.client, "live: of these clients");
    verb.option("--from", "ADDRESS", watched.from, "live: of this sender; @example.com, '<>'");
    verb.option("--to", "ADDRESS", watched.to, "live: for this recipient; @example.com");
    verb.option("--host", "NAME", watched.host, "live: to this next hop");
    verb.flag("--smtp", watched.smtp, "live: also what clients and relay say to each other");
    verb.flag("--one", watched.one, "live: the first session or message, to its end");
    verb.run([given](Context const& context) { return trace(*given, context); });
}

}  // namespace splitmx::admin
