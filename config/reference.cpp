#include "config/reference.hpp"

#include "config/config_keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::config {

namespace {

constexpr std::string_view units_text =
    "Durations: \"500ms\" \"30s\" \"5m\" \"4h\" \"5d\". Sizes: \"100B\" \"64KiB\" \"50MiB\" "
    "\"1GiB\".";

// Words joined to lines of at most 100 columns, each behind `prefix`.
std::string wrap(std::string_view text, std::string_view prefix) {
    constexpr std::size_t width = 100;
    std::string wrapped(prefix);
    auto column = prefix.size();
    bool at_start = true;
    while (!text.empty()) {
        auto const word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!at_start && column + 1 + word.size() > width) {
            wrapped += fmt::format("\n{}", prefix);
            column = prefix.size();
            at_start = true;
        }
        wrapped += fmt::format("{}{}", at_start ? "" : " ", word);
        column += word.size() + (at_start ? 0 : 1);
        at_start = false;
    }
    return wrapped + "\n";
}

std::string quoted_words(KeyInfo const& key) {
    std::string list;
    for (auto const word : words_of(key)) {
        list += fmt::format("{}\"{}\"", list.empty() ? "" : " | ", word);
    }
    return list;
}

std::string type_of(KeyInfo const& key) {
    std::string type(describe(key.type));
    if (key.type == ValueType::word) type = quoted_words(key);
    if (key.type != ValueType::word && !key.words.empty()) {
        type = quoted_words(key) + " | " + type;
    }
    if (key.type == ValueType::count) type += fmt::format(", {} to {}", key.min, key.max);
    return key.list ? type + "; one or a list" : type;
}

std::string default_of(KeyInfo const& key) {
    if (key.required) return "required";
    return std::string(key.fallback.empty() ? key.otherwise : key.fallback);
}

std::string meaning_of(KeyInfo const& key) {
    return fmt::format("{}{}", key.text, key.at_restart ? " Counts from the next start on." : "");
}

std::string default_key(KeyInfo const& key) {
    bool const live = key.required || key.starter;
    auto const value = live || key.fallback.empty() ? key.good : key.fallback;
    auto text = wrap(meaning_of(key), "# ");
    if (key.type == ValueType::word || !key.words.empty()) text += wrap(type_of(key), "#   ");
    if (!key.required && key.fallback.empty()) {
        text += wrap(fmt::format("Default: {}.", key.otherwise), "#   ");
    }
    return text + fmt::format("{}{} = {}\n", live ? "" : "#", key.name, value);
}

std::string default_section(SectionInfo const& section) {
    auto const keys = keys_of(section.id);
    // A named section is there only when something in it has to be said.
    bool const live = section.form == SectionForm::single ||
                      std::any_of(keys.begin(), keys.end(), [](KeyInfo const* key) {
                          return key->required || key->starter;
                      });
    auto text =
        fmt::format("\n{}{}{}\n", wrap(section.text, "# ---- "), live ? "" : "#", section.example);
    for (auto const* key : keys) text += default_key(*key);
    return text;
}

std::string cell(std::string_view text) {
    std::string escaped;
    for (char const c : text) {
        if (c == '|') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string explain(KeyInfo const& key) {
    auto const* section = find_section(key.section);
    return fmt::format(
        "{} {}\n  {}\n  type     {}\n  default  {}\n  example  {} = {}\n",
        section->heading,
        key.name,
        meaning_of(key),
        type_of(key),
        default_of(key),
        key.name,
        key.good
    );
}

}  // namespace

std::string default_file() {
    std::string text = "# splitmx.toml. Check it with: splitmx config check FILE\n";
    text += wrap(units_text, "# ");
    text += "# Unknown keys are errors. Relative paths start in this file's folder.\n";
    for (auto const& section : all_sections()) text += default_section(section);
    return text;
}

std::string reference_markdown() {
    std::string text =
        "# Configuration reference\n\n"
        "Made from the table of keys (`config/key_table.cpp`): change that, not this page.\n\n";
    text += fmt::format("{}\nUnknown keys are errors. ", units_text);
    text +=
        "Relative paths start in the file's folder.\nSecrets are `credential:NAME` (the file NAME "
        "in "
        "the folder `credentials` beside the file, of\nwhich systemd gives the relay a copy), "
        "`file:PATH` or `env:NAME`; written out only with a warning.\n";
    for (auto const& section : all_sections()) {
        text += fmt::format("\n## `{}`\n\n{}\n\n", section.heading, section.text);
        text += "| key | value | default | example | meaning |\n|---|---|---|---|---|\n";
        for (auto const* key : keys_of(section.id)) {
            text += fmt::format(
                "| `{}` | {} | {} | `{}` | {} |\n",
                key->name,
                cell(type_of(*key)),
                cell(default_of(*key)),
                cell(key->good),
                cell(meaning_of(*key))
            );
        }
    }
    return text;
}

std::optional<std::string> explain_key(std::string_view name) {
    std::string text;
    for (auto const& key : all_keys()) {
        if (name != key.name && name != fmt::format("{}.{}", key.section, key.name)) continue;
        text += explain(key);
    }
    if (text.empty()) return std::nullopt;
    return text;
}

}  // namespace splitmx::config
