#include "admin/trace_text.hpp"

#include "lint/wrap.hpp"
#include "mail/date_time.hpp"
#include "mail/mailbox.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace splitmx::admin {

namespace {

namespace json = boost::json;
using history::Kind;
using history::Record;

std::string safe(std::string_view text) { return mail::to_log_text(text); }

std::string arrow(Record const& record) {
    if (record.original.empty() || record.original == record.recipient)
        return safe(record.recipient);
    return safe(record.original) + " -> " + safe(record.recipient);
}

// What stands together in a line.
using Parts = std::vector<std::string>;

std::string at_host(Record const& record) {
    return fmt::format("{} at {}", arrow(record), safe(record.host));
}

Parts told(Record const& record) {
    switch (record.kind) {
        case Kind::receive:
            return {
                fmt::format("from {}", safe(record.client)),
                fmt::format("<{}>", safe(record.sender)),
                fmt::format("{} octets", record.size)};
        case Kind::resolve:
            if (record.host.empty()) return {safe(record.original), safe(record.reply)};
            return {
                fmt::format("{} -> {}", safe(record.original), safe(record.host)),
                safe(record.reply)};
        case Kind::redirect:
            if (record.reply.empty()) return {at_host(record)};
            return {at_host(record), safe(record.reply)};
        case Kind::send:
        case Kind::defer:
            return {at_host(record), safe(record.reply)};
        case Kind::fail:
            if (record.recipient.empty()) return {safe(record.reply)};
            return {at_host(record), safe(record.reply)};
        case Kind::dsn:
            return {fmt::format(
                "{} to <{}> as {}", safe(record.reply), safe(record.recipient), safe(record.related)
            )};
        case Kind::drop:
            if (record.original.empty()) return {safe(record.reply)};
            return {fmt::format(
                "nobody is told of {}: {}", safe(record.original), safe(record.reply)
            )};
    }
    return {};
}

// One line, or as many as the width asks for; parts stay whole as long as one line holds them.
std::string in_lines(std::string line, Parts const& parts, std::size_t width) {
    auto const indent = line.size();
    std::string text;
    bool begun = false;
    for (auto const& part : parts) {
        if (begun && width > 0 && line.size() + 2 + part.size() > width) {
            text += std::exchange(line, std::string(indent, ' ')) + "\n";
            begun = false;
        }
        line += (begun ? "  " : "") + part;
        begun = true;
        if (width > 0 && line.size() > width) {
            auto const all = line.substr(indent);
            line = lint::wrapped(line.substr(0, indent), all, indent, width);
            line.pop_back();
            auto const last = line.rfind('\n');
            if (last != std::string::npos) {
                text += line.substr(0, last + 1);
                line.erase(0, last + 1);
            }
        }
    }
    return text + line + "\n";
}

std::string line_head(Record const& record) {
    auto const stamp = mail::to_timestamp(record.at);
    return fmt::format("{} {:<8}  ", stamp.substr(11, 12), history::to_text(record.kind));
}

bool is_of_same(Record const& one, Record const& other) {
    return one.recipient == other.recipient && one.original == other.original;
}

// "1.3 s after 2 tries": since it came, as far as that is told. Without names nobody can count.
std::string effort(std::vector<Record> const& records, std::size_t place) {
    auto const& sent = records[place];
    if (sent.kind != Kind::send || sent.recipient.starts_with("*@")) return {};
    std::size_t tries = 0;
    std::optional<mail::Instant> came;
    for (std::size_t i = 0; i <= place; ++i) {
        auto const& record = records[i];
        if (record.kind == Kind::receive) came = record.at;
        bool const is_try = record.kind == Kind::send || record.kind == Kind::defer;
        if (is_try && is_of_same(record, sent)) ++tries;
    }
    if (!came) return {};
    auto const took = std::chrono::duration_cast<mail::Duration>(sent.at - *came);
    auto const seconds = static_cast<double>(std::max(took, mail::Duration()).count()) / 1000;
    auto const time = seconds < 100 ? fmt::format("{:.1f} s", seconds) : mail::to_short_words(took);
    return fmt::format("{} after {} {}", time, tries, tries == 1 ? "try" : "tries");
}

// The last one of its recipient that is told of.
bool is_last_of_recipient(std::vector<Record> const& records, std::size_t place) {
    return std::none_of(
        records.begin() + static_cast<std::ptrdiff_t>(place) + 1,
        records.end(),
        [&](Record const& later) {
            return later.kind != Kind::receive && is_of_same(later, records[place]);
        }
    );
}

std::string text_in(json::object const& object, char const* name) {
    auto const* const found = object.if_contains(name);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

// The steps of a decision; one that cannot be read is shown as it is.
std::string explained(Record const& record) {
    boost::system::error_code error;
    auto const parsed = json::parse(record.decision, error);
    if (error || !parsed.is_object()) return "    " + safe(record.decision) + "\n";
    auto const& decision = parsed.as_object();
    std::string out;
    auto const* const trace = decision.if_contains("trace");
    if (trace && trace->is_array()) {
        std::size_t number = 0;
        for (auto const& step : trace->as_array()) {
            if (!step.is_object()) continue;
            auto const& members = step.as_object();
            out += fmt::format(
                "    {:>2}  {:<22} {}",
                ++number,
                text_in(members, "rule"),
                text_in(members, "subject")
            );
            auto const source = text_in(members, "source");
            out += source.empty() ? "\n" : fmt::format("\n        {}\n", source);
        }
    }
    auto const* const code = decision.if_contains("code");
    out += fmt::format(
        "    {} {} {}  (configuration {})\n",
        code && code->is_number() ? code->to_number<int>(error) : 0,
        text_in(decision, "enhanced"),
        text_in(decision, "text"),
        safe(record.config)
    );
    return out;
}

// With quotes where a comma, a quote or a blank line could be taken for an end.
std::string field(std::string_view text) {
    auto const plain = safe(text);
    if (plain.find_first_of(",\"") == std::string::npos) return plain;
    std::string quoted = "\"";
    for (char const c : plain) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace

std::optional<mail::Instant> next_try_of(
    std::vector<Record> const& records, std::size_t place, NextTries const& next_tries
) {
    auto const& record = records[place];
    if (record.kind != Kind::defer || !is_last_of_recipient(records, place)) return std::nullopt;
    auto const found = next_tries.find({record.id, record.recipient});
    if (found == next_tries.end()) return std::nullopt;
    return found->second;
}

std::string trace_text(
    std::vector<Record> const& records, NextTries const& next_tries, TraceLayout const& layout
) {
    std::string out;
    std::string day;
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto const& record = records[i];
        auto const stamp = mail::to_timestamp(record.at);  // "2026-11-21T09:12:44.120Z"
        auto const date = stamp.substr(0, 10);
        if (std::exchange(day, date) != date) out += fmt::format("{}  {}\n", record.id, date);
        auto parts = told(record);
        if (auto took = effort(records, i); !took.empty()) parts.push_back(std::move(took));
        if (auto const next = next_try_of(records, i, next_tries)) {
            auto const when = mail::to_timestamp(*next);
            bool const is_today = when.starts_with(date);
            parts.push_back(fmt::format(
                "next try {}{}", is_today ? "" : when.substr(0, 10) + " ", when.substr(11, 8)
            ));
        }
        out += in_lines(line_head(record), parts, layout.width);
        if (layout.explain && !record.decision.empty()) out += explained(record);
    }
    return out;
}

std::string live_text(Record const& record, TraceLayout const& layout) {
    auto const stamp = mail::to_timestamp(record.at);
    auto head = fmt::format(
        "{} {:<10} {:<8}  ", stamp.substr(11, 12), safe(record.id), history::to_text(record.kind)
    );
    auto out = in_lines(std::move(head), told(record), layout.width);
    if (layout.explain && !record.decision.empty()) out += explained(record);
    return out;
}

std::string trace_json(Record const& record, std::optional<mail::Instant> next_try) {
    json::object object;
    object["time"] = mail::to_timestamp(record.at);
    object["event"] = history::to_text(record.kind);
    auto const add = [&object](char const* name, std::string const& value) {
        if (!value.empty()) object[name] = safe(value);
    };
    add("id", record.id);
    add("session", record.session);
    if (record.kind == Kind::receive) object["sender"] = safe(record.sender);
    if (record.kind != Kind::receive) add("sender", record.sender);
    add("recipient", record.recipient);
    add("original", record.original);
    add("host", record.host);
    add("reply", record.reply);
    add("client", record.client);
    add("related", record.related);
    if (record.size > 0) object["size"] = record.size;
    if (next_try) {
        auto const since = next_try->time_since_epoch();
        object["next_try"] = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    }
    boost::system::error_code error;
    auto decision = json::parse(record.decision, error);
    if (!error) object["decision"] = std::move(decision);
    add("config", record.config);
    return json::serialize(object);
}

std::string msgtrk_heading() {
    return "#Software: splitmx\r\n#Log-type: Message Tracking Log\r\n"
           "#Fields: "
           "date-time,client-ip,server-hostname,source-context,connector-id,source,event-id,"
           "internal-message-id,message-id,recipient-address,recipient-status,total-bytes,"
           "related-recipient-address,reference,sender-address\r\n";
}

std::string msgtrk_line(Record const& record) {
    bool const has_answer = record.kind != Kind::receive;
    bool const was_sent =
        record.kind == Kind::send || record.kind == Kind::defer || record.kind == Kind::fail;
    auto const original = record.original == record.recipient ? std::string() : record.original;
    std::array<std::string, 15> const fields{
        mail::to_timestamp(record.at),
        field(record.client),
        was_sent ? field(record.host) : "",
        field(record.config),
        was_sent ? "" : field(record.host),
        record.kind == Kind::dsn ? "DSN" : (record.kind == Kind::resolve ? "ROUTING" : "SMTP"),
        std::string(history::to_text(record.kind)),
        field(record.id),
        has_answer ? "" : field(record.reply),
        field(record.recipient),
        has_answer ? field(record.reply) : "",
        record.size > 0 ? std::to_string(record.size) : "",
        field(original),
        field(record.related),
        record.kind == Kind::receive && record.sender.empty() ? "<>" : field(record.sender)};
    return fmt::format("{}\r\n", fmt::join(fields, ","));
}

}  // namespace splitmx::admin
