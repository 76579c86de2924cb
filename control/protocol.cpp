#include "control/protocol.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::control {

namespace {

mail::Result<json::object> parse(std::string_view line, std::size_t limit) {
    if (line.size() > limit) {
        return mail::Error{fmt::format("a line of more than {} octets", limit), limit};
    }
    json::parse_options options;
    options.max_depth = max_depth;
    // An address, or a text to look for, may be of any octets; both ends are this program.
    options.allow_invalid_utf8 = true;
    json::error_code error;
    auto value = json::parse(json::string_view(line.data(), line.size()), error, {}, options);
    if (error) return mail::Error{"no JSON: " + error.message(), 0};
    if (!value.is_object()) return mail::Error{"no JSON object", 0};
    return std::move(value.get_object());
}

json::value const* member(json::object const& object, std::string_view name) {
    return object.if_contains(json::string_view(name.data(), name.size()));
}

mail::Result<std::uint64_t> id_of(json::object const& object) {
    auto const* id = member(object, "id");
    if (id == nullptr || !id->is_number()) return mail::Error{"no id", 0};
    json::error_code error;
    auto const number = id->to_number<std::uint64_t>(error);
    if (error) return mail::Error{"an id that is no whole number", 0};
    return number;
}

json::object const* object_of(json::object const& object, std::string_view name) {
    auto const* value = member(object, name);
    return value != nullptr ? value->if_object() : nullptr;
}

struct Put {
    json::object& line;
    void operator()(Row const& row) const { line["row"] = row.content; }
    void operator()(Done const& done) const { line["done"] = done.content; }
    void operator()(Failure const& failure) const {
        line["failed"] = json::object{{"exit", failure.exit}, {"text", failure.text}};
    }
};

}  // namespace

std::string encode(Request const& request) {
    json::object line;
    line["id"] = request.id;
    line["verb"] = request.verb;
    line["arguments"] = request.arguments;
    return json::serialize(line) + "\n";
}

std::string encode(Answer const& answer) {
    json::object line;
    line["id"] = answer.id;
    std::visit(Put{line}, answer.content);
    return json::serialize(line) + "\n";
}

mail::Result<Request> decode_request(std::string_view line) {
    auto const parsed = parse(line, max_line);
    if (!parsed) return parsed.error();
    auto const id = id_of(*parsed);
    if (!id) return id.error();
    Request request;
    request.id = *id;
    request.verb = text_of(*parsed, "verb");
    if (request.verb.empty()) return mail::Error{"no verb", 0};
    if (auto const* arguments = object_of(*parsed, "arguments")) request.arguments = *arguments;
    return request;
}

mail::Result<Answer> decode_answer(std::string_view line) {
    auto const parsed = parse(line, max_answer);
    if (!parsed) return parsed.error();
    auto const id = id_of(*parsed);
    if (!id) return id.error();
    Answer answer{*id, {}};
    if (auto const* row = object_of(*parsed, "row")) {
        answer.content = Row{*row};
    } else if (auto const* done = object_of(*parsed, "done")) {
        answer.content = Done{*done};
    } else if (auto const* failed = object_of(*parsed, "failed")) {
        answer.content =
            Failure{static_cast<int>(number_of(*failed, "exit")), text_of(*failed, "text")};
    } else {
        return mail::Error{"neither row, done nor failed", 0};
    }
    return answer;
}

std::string text_of(json::object const& object, std::string_view name) {
    auto const* value = member(object, name);
    auto const* text = value != nullptr ? value->if_string() : nullptr;
    return text != nullptr ? std::string(*text) : std::string();
}

std::uint64_t number_of(json::object const& object, std::string_view name) {
    auto const* value = member(object, name);
    if (value == nullptr || !value->is_number()) return 0;
    json::error_code error;
    auto const number = value->to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

bool flag_of(json::object const& object, std::string_view name) {
    auto const* value = member(object, name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::vector<std::string> texts_of(json::object const& object, std::string_view name) {
    std::vector<std::string> texts;
    auto const* value = member(object, name);
    auto const* items = value != nullptr ? value->if_array() : nullptr;
    if (items == nullptr) return texts;
    for (auto const& item : *items) {
        if (auto const* text = item.if_string()) texts.emplace_back(*text);
    }
    return texts;
}

// Each octet is the character of the same number; UTF-8 writes those from 128 on as two octets.
std::string octets_to_text(std::string_view octets) {
    std::string text;
    text.reserve(octets.size());
    for (char const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet < 0x80) {
            text += c;
        } else {
            text += static_cast<char>(0xC0 | (octet >> 6));
            text += static_cast<char>(0x80 | (octet & 0x3F));
        }
    }
    return text;
}

std::string text_to_octets(std::string_view text) {
    std::string octets;
    octets.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80 || i + 1 == text.size()) {
            octets += text[i];
        } else {
            auto const next = static_cast<unsigned char>(text[++i]);
            octets += static_cast<char>(((lead & 0x03) << 6) | (next & 0x3F));
        }
    }
    return octets;
}

}  // namespace splitmx::control
