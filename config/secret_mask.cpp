#include "config/secret_mask.hpp"

#include "config/config_keys.hpp"
#include "config/values.hpp"
#include "mail/octets.hpp"

#include <algorithm>

namespace splitmx::config {

namespace {

bool names_a_secret(std::string_view key) {
    auto const keys = all_keys();
    return std::any_of(keys.begin(), keys.end(), [&](KeyInfo const& info) {
        bool const secret = info.type == ValueType::secret || info.type == ValueType::key_file;
        return secret && info.name == key;
    });
}

// From the value to the end of its line: behind it there is at most a comment.
void mask_line(std::string& source, SourcePosition position) {
    std::size_t at = 0;
    for (std::size_t line = 1; line < position.line && at != std::string::npos; ++line) {
        at = source.find('\n', at);
        if (at != std::string::npos) ++at;
    }
    std::size_t column = 0;
    for (; at < source.size() && source[at] != '\n'; ++at) {
        // Columns are characters: one star must stay one character.
        if (!mail::is_continuation(source[at])) ++column;
        if (column >= position.column && !mail::is_continuation(source[at])) source[at] = '*';
        if (column >= position.column && mail::is_continuation(source[at])) source.erase(at--, 1);
    }
}

void mask(std::string& source, Table const& table);

void mask(std::string& source, std::string_view key, Value const& value) {
    if (auto const* table = value.table()) return mask(source, *table);
    if (auto const* items = value.array(); items != nullptr && !names_a_secret(key)) {
        for (auto const& item : *items) mask(source, key, item);
        return;
    }
    if (!names_a_secret(key)) return;
    auto const* text = value.text();
    bool const names_a_file = key == "key" && text != nullptr && !is_key_text(*text);
    if (text == nullptr || (is_inline_secret(*text) && !names_a_file)) {
        mask_line(source, value.position);
    }
}

void mask(std::string& source, Table const& table) {
    for (auto const& [key, position, value] : table.entries) mask(source, key, value);
}

}  // namespace

std::string mask_secrets(std::string source, Table const& document) {
    mask(source, document);
    return source;
}

}  // namespace splitmx::config
