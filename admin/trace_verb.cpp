#include "admin/trace_text.hpp"
#include "admin/verbs.hpp"
#include "config/read.hpp"
#include "config/values.hpp"
#include "mail/mailbox.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "history/book.hpp"

namespace splitmx::admin {

namespace {

constexpr std::int64_t most_messages = 20;

struct Given {
    std::string what;
    std::string since = "7d";
    std::string format;
    bool json = false;
    bool explain = false;
};

enum class Form { people, json, msgtrk };

ExitCode fail(Context const& context, ExitCode code, std::string const& text) {
    context.streams.error << "splitmx trace: " << text << "\n";
    return code;
}

// Ids have no `@`, addresses have one; postmaster alone is an address, too.
bool is_address(std::string const& what) { return what.find('@') != std::string::npos; }

std::string upper_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return text;
}

void print(
    std::vector<history::Record> const& records,
    Form form,
    Given const& given,
    Context const& context
) {
    auto& out = context.streams.output;
    if (form == Form::people) out << trace_text(records, given.explain);
    for (auto const& record : records) {
        if (form == Form::json) out << trace_json(record) << "\n";
        if (form == Form::msgtrk) out << msgtrk_line(record);
    }
}

mail::Result<std::vector<std::string>> ids_to_show(
    history::Reader& reader, Given const& given, mail::Duration since
) {
    if (!is_address(given.what)) return std::vector{upper_case(given.what)};
    auto const from = std::chrono::system_clock::now() - since;
    auto ids = reader.ids_of(
        given.what, std::chrono::time_point_cast<mail::Instant::duration>(from), most_messages + 1
    );
    if (ids) std::reverse(ids->begin(), ids->end());
    return ids;
}

ExitCode show(
    history::Reader& reader,
    Given const& given,
    mail::Duration since,
    Form form,
    Context const& context
) {
    auto ids = ids_to_show(reader, given, since);
    if (!ids) return fail(context, ExitCode::io, ids.error().what);
    auto const left_out = ids->size() > static_cast<std::size_t>(most_messages);
    if (left_out) ids->erase(ids->begin());
    if (form == Form::msgtrk) context.streams.output << msgtrk_heading();
    bool found = false;
    for (auto const& id : *ids) {
        auto const records = reader.of_id(id);
        if (!records) return fail(context, ExitCode::io, records.error().what);
        if (records->empty()) continue;
        if (std::exchange(found, true) && form == Form::people) context.streams.output << "\n";
        print(*records, form, given, context);
    }
    if (left_out && !context.global.quiet) {
        context.streams.error << "only the last " << most_messages
                              << " messages are shown; --since 1h asks for less\n";
    }
    if (found) return ExitCode::ok;
    auto const what = mail::to_log_text(given.what);
    auto const within = is_address(given.what) ? " within " + given.since : std::string();
    return fail(context, ExitCode::no_such_host, "nothing is known of " + what + within);
}

ExitCode trace(Given const& given, Context const& context) {
    auto const since = config::parse_duration(given.since);
    if (!since) return fail(context, ExitCode::usage, "--since: " + since.error().what);
    auto form = given.json ? Form::json : Form::people;
    if (given.format == "msgtrk")
        form = Form::msgtrk;
    else if (!given.format.empty())
        return fail(context, ExitCode::usage, "--format knows msgtrk, not " + given.format);
    auto const loaded = config::load(context.global.config_file, config::Purpose::look_up);
    if (!loaded.config) {
        context.streams.error << loaded.report;
        return ExitCode::configuration;
    }
    auto const& history = loaded.config->history;
    auto reader = history::Reader::open(history.file);
    if (reader) return show(*reader, given, *since, form, context);
    if (!history.keep) {
        return fail(
            context,
            ExitCode::unavailable,
            "this relay keeps no history; [history] keep = \"14d\" does from its next start on"
        );
    }
    return fail(context, ExitCode::io, reader.error().what);
}

}  // namespace

void add_trace(Verb& splitmx) {
    auto const given = std::make_shared<Given>();
    auto verb = splitmx.verb("trace", "what happened to a message, or to the mail of an address");
    verb.word("what", given->what, "the id of a message, or an address");
    verb.option("--since", "TIME", given->since, "of an address: how far back, 7d by default");
    verb.flag("--explain", given->explain, "each decision in full, as it was made");
    verb.flag("--json", given->json, "one JSON object a line");
    verb.option("--format", "msgtrk", given->format, "CSV as Exchange's message tracking");
    verb.run([given](Context const& context) { return trace(*given, context); });
}

}  // namespace splitmx::admin
