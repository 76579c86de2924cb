#include "config/show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace splitmx::config {

namespace {

// One [section] of the file, or of those that are always there.
struct Shown {
    SectionInfo const* info;
    std::string title;  // "[host.notes]", "[[listen]] internet"
    std::vector<EffectiveKey const*> keys;
};

// In the order of the table of keys, then of the file.
std::vector<Shown> sections_of(Config const& config) {
    std::vector<Shown> all;
    for (auto const& info : all_sections()) {
        auto const first = all.size();
        if (info.form == SectionForm::single) all.push_back({&info, std::string(info.heading), {}});
        for (auto const& key : config.keys) {
            if (key.info->section != info.id) continue;
            bool const is_new = all.size() == first || all.back().title != key.section;
            if (is_new) all.push_back({&info, key.section, {}});
            all.back().keys.push_back(&key);
        }
    }
    return all;
}

// What the machine or another key gives where the file says nothing.
std::string found_value(Config const& config, KeyInfo const& key) {
    if (key.section == "server" && key.name == "hostname") {
        return fmt::format("\"{}\"", config.server.hostname.text());
    }
    if (key.section == "server" && key.name == "postmaster" && config.routing.postmaster) {
        return fmt::format("\"{}\"", config.routing.postmaster->to_wire());
    }
    if (key.section == "spool" && key.name == "path") {
        return fmt::format("\"{}\"", config.spool.path.string());
    }
    return std::string(key.fallback);
}

class Printer {
public:
    Printer(Config const& config, ShowOptions const& options)
        : config_(config), options_(options), file_(config.file.filename().string()) {}

    std::string text() {
        for (auto const& section : sections_of(config_)) print(section);
        return std::move(text_);
    }

private:
    void print(Shown const& section) {
        std::string lines;
        for (auto const* info : keys_of(section.info->id)) {
            auto const set =
                std::find_if(section.keys.begin(), section.keys.end(), [info](auto const* key) {
                    return key->info == info;
                });
            if (set != section.keys.end())
                lines += set_line(**set);
            else if (!options_.set_only)
                lines += default_line(*info);
        }
        if (lines.empty()) return;
        bool const is_repeated = section.info->form == SectionForm::repeated;
        auto const heading = is_repeated ? section.info->heading : section.title;
        text_ += fmt::format("{}{}\n{}", text_.empty() ? "" : "\n", heading, lines);
    }
    std::string set_line(EffectiveKey const& key) const {
        auto const line = fmt::format("{} = {}", key.info->name, key.value);
        if (!options_.origin) return line + "\n";
        return with_origin(line, fmt::format("{}:{}", file_, key.line));
    }
    std::string default_line(KeyInfo const& key) const {
        auto const value = found_value(config_, key);
        if (value.empty()) return fmt::format("#{} ({})\n", key.name, key.otherwise);
        auto const line = fmt::format("#{} = {}", key.name, value);
        return options_.origin ? with_origin(line, "default") : line + "\n";
    }
    static std::string with_origin(std::string const& line, std::string const& origin) {
        return fmt::format("{:<44}  # {}\n", line, origin);
    }

    Config const& config_;
    ShowOptions const& options_;
    std::string file_;
    std::string text_;
};

}  // namespace

std::string effective_text(Config const& config, ShowOptions const& options) {
    return Printer(config, options).text();
}

}  // namespace splitmx::config
