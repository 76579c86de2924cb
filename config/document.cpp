#include "config/document.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace splitmx::config {

namespace {

constexpr std::string_view parser_opening = "Error while parsing ";

SourcePosition place(toml::source_region const& region) {
    SourcePosition position{region.begin.line, region.begin.column, 0};
    if (region.end.line == region.begin.line && region.end.column > region.begin.column) {
        position.length = region.end.column - region.begin.column;
    }
    return position;
}

Value convert(toml::node const& node);

Table convert(toml::table const& table) {
    Table converted;
    for (auto const& [key, node] : table) {
        converted.entries.push_back({std::string(key.str()), place(key.source()), convert(node)});
    }
    // The parser sorts by name; findings and file order are easier to follow together.
    std::stable_sort(
        converted.entries.begin(),
        converted.entries.end(),
        [](Entry const& a, Entry const& b) {
            return std::tie(a.position.line, a.position.column) <
                   std::tie(b.position.line, b.position.column);
        }
    );
    return converted;
}

Array convert(toml::array const& array) {
    Array converted;
    converted.reserve(array.size());
    for (auto const& node : array) converted.push_back(convert(node));
    return converted;
}

Value convert(toml::node const& node) {
    Value value{DateOrTime{}, place(node.source())};
    if (auto const* text = node.as_string()) {
        value.content = text->get();
    } else if (auto const* integer = node.as_integer()) {
        value.content = integer->get();
    } else if (auto const* boolean = node.as_boolean()) {
        value.content = boolean->get();
    } else if (auto const* real = node.as_floating_point()) {
        value.content = real->get();
    } else if (auto const* array = node.as_array()) {
        value.content = convert(*array);
    } else if (auto const* table = node.as_table()) {
        value.content = convert(*table);
    }
    return value;
}

}  // namespace

Entry const* Table::find(std::string_view key) const {
    auto const found = std::find_if(entries.begin(), entries.end(), [&](Entry const& entry) {
        return entry.key == key;
    });
    return found == entries.end() ? nullptr : &*found;
}

std::variant<Table, SyntaxError> parse_document(std::string_view source) {
    try {
        return convert(toml::parse(source));
    } catch (toml::parse_error const& error) {
        std::string_view text = error.description();
        if (text.starts_with(parser_opening)) text.remove_prefix(parser_opening.size());
        return SyntaxError{place(error.source()), "not TOML: " + std::string(text)};
    }
}

}  // namespace splitmx::config
