#include "config/structure.hpp"

#include "config/config_keys.hpp"
#include "config/suggestion.hpp"
#include "config/value_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::config {

namespace {

// Where a key that is unknown here would be right.
std::string home_of(std::string_view name) {
    for (auto const& key : all_keys()) {
        if (key.name != name) continue;
        return fmt::format("\"{}\" belongs in {}", name, find_section(key.section)->heading);
    }
    return {};
}

void report_unknown_key(SectionInfo const& section, Entry const& entry, Findings& findings) {
    std::vector<std::string_view> names;
    for (auto const* key : keys_of(section.id)) names.push_back(key->name);
    // [host.10.0.0.7] is four names within each other.
    bool const is_split_name = section.form == SectionForm::named && entry.value.table() != nullptr;
    auto hint = is_split_name
                    ? "a NAME with dots stands in quotes: [" + std::string(section.id) + ".\"a.b\"]"
                    : home_of(entry.key);
    if (hint.empty()) hint = did_you_mean(nearest(entry.key, names));
    findings.error(
        entry.position,
        fmt::format("unknown key \"{}\" in {}", entry.key, section.heading),
        std::move(hint)
    );
}

void check_section(
    SectionInfo const& section, Table const& table, SourcePosition heading, Findings& findings
);

// [directory.NAME.map] is a table among the keys of [directory.NAME].
bool check_map(SectionInfo const& section, Entry const& entry, Findings& findings) {
    if (section.id != "directory" || entry.key != "map") return false;
    auto const* map = entry.value.table();
    if (map == nullptr) return false;
    check_section(*find_section("directory.map"), *map, entry.value.position, findings);
    return true;
}

void check_section(
    SectionInfo const& section, Table const& table, SourcePosition heading, Findings& findings
) {
    for (auto const& entry : table.entries) {
        if (check_map(section, entry, findings)) continue;
        auto const* key = find_key(section.id, entry.key);
        if (key == nullptr) {
            report_unknown_key(section, entry, findings);
        } else {
            check_value(*key, entry.value, findings);
        }
    }
    for (auto const* key : keys_of(section.id)) {
        if (!key->required || table.find(key->name) != nullptr) continue;
        findings.error(
            heading,
            fmt::format("{} needs \"{}\"", section.heading, key->name),
            fmt::format("such as {} = {}", key->name, key->good)
        );
    }
}

void report_form(SectionInfo const& section, Entry const& entry, Findings& findings) {
    auto const position = entry.value.table() != nullptr ? entry.value.position : entry.position;
    findings.error(
        position,
        fmt::format("\"{}\" is not written like this", entry.key),
        fmt::format("write {}", section.heading)
    );
}

void check_repeated(SectionInfo const& section, Entry const& entry, Findings& findings) {
    auto const* items = entry.value.array();
    if (items == nullptr) return report_form(section, entry, findings);
    for (auto const& item : *items) {
        if (auto const* table = item.table()) {
            check_section(section, *table, item.position, findings);
        } else {
            report_form(section, entry, findings);
        }
    }
}

void check_named(SectionInfo const& section, Entry const& entry, Findings& findings) {
    auto const* names = entry.value.table();
    if (names == nullptr) return report_form(section, entry, findings);
    for (auto const& named : names->entries) {
        if (auto const* table = named.value.table()) {
            check_section(section, *table, named.value.position, findings);
        } else {
            findings.error(
                named.position,
                fmt::format("\"{}\" stands in [{}], which has no name", named.key, section.id),
                fmt::format("write {}", section.heading)
            );
        }
    }
}

void report_unknown_section(Entry const& entry, Findings& findings) {
    bool const is_section = entry.value.table() != nullptr ||
                            (entry.value.array() != nullptr && !entry.value.array()->empty() &&
                             entry.value.array()->front().table() != nullptr);
    if (!is_section) {
        findings.error(
            entry.position,
            fmt::format("\"{}\" stands outside of any section", entry.key),
            home_of(entry.key)
        );
        return;
    }
    std::vector<std::string_view> names;
    for (auto const& section : all_sections()) {
        if (section.form != SectionForm::named_map) names.push_back(section.id);
    }
    findings.error(
        entry.position,
        fmt::format("unknown section \"{}\"", entry.key),
        did_you_mean(nearest(entry.key, names))
    );
}

}  // namespace

void check_structure(Table const& document, Findings& findings) {
    for (auto const& entry : document.entries) {
        auto const* section = find_section(entry.key);
        if (section == nullptr || section->form == SectionForm::named_map) {
            report_unknown_section(entry, findings);
            continue;
        }
        switch (section->form) {
            case SectionForm::single:
                if (auto const* table = entry.value.table()) {
                    check_section(*section, *table, entry.value.position, findings);
                } else {
                    report_form(*section, entry, findings);
                }
                break;
            case SectionForm::repeated:
                check_repeated(*section, entry, findings);
                break;
            case SectionForm::named:
                check_named(*section, entry, findings);
                break;
            case SectionForm::named_map:
                break;
        }
    }
}

}  // namespace splitmx::config
