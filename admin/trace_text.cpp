#include "admin/trace_text.hpp"

#include "mail/date_time.hpp"
#include "mail/mailbox.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <array>
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

std::string told(Record const& record) {
    switch (record.kind) {
        case Kind::receive:
            return fmt::format(
                "from {}  <{}>  {} octets", safe(record.client), safe(record.sender), record.size
            );
        case Kind::resolve:
            if (record.host.empty()) {
                return fmt::format("{}  {}", safe(record.original), safe(record.reply));
            }
            return fmt::format(
                "{} -> {}  {}", safe(record.original), safe(record.host), safe(record.reply)
            );
        case Kind::redirect:
            return fmt::format("{} at {}", arrow(record), safe(record.host));
        case Kind::send:
        case Kind::defer:
            return fmt::format(
                "{} at {}  {}", arrow(record), safe(record.host), safe(record.reply)
            );
        case Kind::fail:
            if (record.recipient.empty()) return safe(record.reply);
            return fmt::format(
                "{} at {}  {}", arrow(record), safe(record.host), safe(record.reply)
            );
        case Kind::dsn:
            return fmt::format(
                "{} to <{}> as {}", safe(record.reply), safe(record.recipient), safe(record.related)
            );
        case Kind::drop:
            if (record.original.empty()) return safe(record.reply);
            return fmt::format(
                "nobody is told of {}: {}", safe(record.original), safe(record.reply)
            );
    }
    return {};
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

std::string trace_text(std::vector<Record> const& records, bool explain) {
    std::string out;
    std::string day;
    for (auto const& record : records) {
        auto const stamp = mail::to_timestamp(record.at);  // "2026-11-21T09:12:44.120Z"
        if (std::exchange(day, stamp.substr(0, 10)) != stamp.substr(0, 10)) {
            out += fmt::format("{}  {}\n", record.id, day);
        }
        out += fmt::format(
            "{} {:<8}  {}\n", stamp.substr(11, 12), history::to_text(record.kind), told(record)
        );
        if (explain && !record.decision.empty()) out += explained(record);
    }
    return out;
}

std::string live_text(Record const& record, bool explain) {
    auto const stamp = mail::to_timestamp(record.at);
    auto out = fmt::format(
        "{} {:<10} {:<8}  {}\n",
        stamp.substr(11, 12),
        safe(record.id),
        history::to_text(record.kind),
        told(record)
    );
    if (explain && !record.decision.empty()) out += explained(record);
    return out;
}

std::string trace_json(Record const& record) {
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
