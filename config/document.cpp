#include "config/document.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
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

// Parts of one key. Ours have four at most; each is a level of tables within each other, and the
// parser and all who walk what it gives go down by calls: thousands would end the process.
constexpr unsigned max_key_parts = 16;

// Looks for keys of too many parts in the text, before the parser does: it has a limit for arrays
// and tables in values only.
class KeyScan {
public:
    explicit KeyScan(std::string_view text) : text_(text) {}

    std::optional<SourcePosition> find_long_key() {
        while (at_ < text_.size()) {
            char const c = text_[at_];
            if (c == '"' || c == '\'') {
                skip_string(c);
            } else if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else {
                if (c == '.' && ++dots_ >= max_key_parts) return place_of_line();
                // What may not stand within a key.
                if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) dots_ = 0;
                if (c == '\n') {
                    ++line_;
                    line_start_ = at_ + 1;
                }
                ++at_;
            }
        }
        return std::nullopt;
    }

private:
    SourcePosition place_of_line() const {
        auto const line = text_.substr(line_start_);
        auto const start = std::min(line.find_first_not_of(" \t"), line.size());
        return {line_, start + 1, 1};
    }
    // `quote` once, or three times for several lines. Without an end the parser stops here, too.
    void skip_string(char quote) {
        std::string const three(3, quote);
        bool const is_long = text_.substr(at_).starts_with(three);
        at_ += is_long ? 3 : 1;
        while (at_ < text_.size()) {
            char const c = text_[at_];
            if (c == '\n') {
                if (!is_long) return;
                ++line_;
                line_start_ = at_ + 1;
            }
            if (c == quote && (!is_long || text_.substr(at_).starts_with(three))) {
                at_ += is_long ? 3 : 1;
                // TOML 1.0: one or two quotes may stand right before the three that end it.
                for (int i = 0; is_long && i < 2 && at_ < text_.size() && text_[at_] == quote; ++i)
                    ++at_;
                return;
            }
            at_ += c == '\\' && quote == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n'
                       ? 2
                       : 1;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_start_ = 0;
    std::size_t line_ = 1;
    unsigned dots_ = 0;
};

}  // namespace

Entry const* Table::find(std::string_view key) const {
    auto const found = std::find_if(entries.begin(), entries.end(), [&](Entry const& entry) {
        return entry.key == key;
    });
    return found == entries.end() ? nullptr : &*found;
}

std::variant<Table, SyntaxError> parse_document(std::string_view source) {
    if (auto const position = KeyScan(source).find_long_key()) {
        return SyntaxError{*position, fmt::format("a key of more than {} parts", max_key_parts)};
    }
    try {
        return convert(toml::parse(source));
    } catch (toml::parse_error const& error) {
        std::string_view text = error.description();
        if (text.starts_with(parser_opening)) text.remove_prefix(parser_opening.size());
        return SyntaxError{place(error.source()), "not TOML: " + std::string(text)};
    }
}

}  // namespace splitmx::config
