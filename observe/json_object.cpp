#include "observe/json_object.hpp"

#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace splitmx::observe {

namespace {

bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void append_escaped(std::string& out, std::string_view printable) {
    for (char const c : printable) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
}

}  // namespace

void append_json_text(std::string& out, std::string_view value) {
    out += '"';
    if (std::all_of(value.begin(), value.end(), is_plain))
        out += value;
    else
        append_escaped(out, mail::to_log_text(value));
    out += '"';
}

void JsonObject::begin(std::string_view name) {
    if (!is_first_) out_ += ',';
    is_first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
    begin(name);
    append_json_text(out_, value);
    return *this;
}

JsonObject& JsonObject::text_unless_empty(std::string_view name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
    begin(name);
    fmt::format_to(std::back_inserter(out_), "{}", value);
    return *this;
}

JsonObject& JsonObject::seconds(std::string_view name, std::int64_t milliseconds) {
    begin(name);
    auto const back = std::back_inserter(out_);
    fmt::format_to(back, "{}.{:03}", milliseconds / 1000, milliseconds % 1000);
    return *this;
}

JsonObject& JsonObject::flag(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
}

JsonObject& JsonObject::texts(std::string_view name, std::vector<std::string> const& values) {
    begin(name);
    out_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out_ += ',';
        append_json_text(out_, values[i]);
    }
    out_ += ']';
    return *this;
}

}  // namespace splitmx::observe
