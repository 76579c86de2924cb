#include "config/effective.hpp"

#include "config/heading.hpp"
#include "config/section.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace splitmx::config {

namespace {

// FNV-1a: tells texts apart, hides nothing.
class Digest {
public:
    void add(std::string_view text) {
        for (char const c : text) mix(static_cast<unsigned char>(c));
        mix(0);
    }
    std::uint64_t value() const { return state_; }

private:
    void mix(unsigned char octet) { state_ = (state_ ^ octet) * 0x100000001b3U; }

    std::uint64_t state_ = 0xcbf29ce484222325U;
};

struct TomlText {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(std::string const& value) const { return in_quotes(value); }
    std::string operator()(DateOrTime) const { return "(a date)"; }
    std::string operator()(Array const& items) const {
        std::string text;
        for (auto const& item : items) {
            text += (text.empty() ? "" : ", ") + std::visit(*this, item.content);
        }
        return "[" + text + "]";
    }
    std::string operator()(Table const&) const { return "(a section)"; }
};

// One value where a list may stand is a list of one.
std::string toml_text(KeyInfo const& key, Value const& value) {
    auto text = std::visit(TomlText{}, value.content);
    auto const* items = value.array();
    if (key.list && items != nullptr && items->size() == 1) {
        return std::visit(TomlText{}, items->front().content);
    }
    return text;
}

std::string contents_of_secret(std::string const& text, std::filesystem::path const& folder) {
    auto const secret = read_secret(text, folder);
    Digest digest;
    if (secret) digest.add(*secret);
    return fmt::format("{:016x}", digest.value());
}

// A value, also as a list of one.
std::string const* sole_text(Value const& value) {
    auto const* items = value.array();
    if (items == nullptr) return value.text();
    return items->size() == 1 ? items->front().text() : nullptr;
}

// The file that a key has the relay read; empty: none. Paths that it writes to are other keys.
std::filesystem::path file_named(
    KeyInfo const& key, std::string const& text, std::filesystem::path const& folder
) {
    if (key.type == ValueType::secret) return secret_file(text, folder).value_or("");
    if (key.type == ValueType::key_file) return secret_file(text, folder).value_or(folder / text);
    if (key.type == ValueType::directory_uri) {
        return text.starts_with("ldif:") ? folder / text.substr(5) : std::filesystem::path();
    }
    bool const is_read = key.name == "certificate" || key.name == "tls_ca" || key.name == "tests" ||
                         key.name == "hosts_file";
    return is_read ? folder / text : std::filesystem::path();
}

class Reader {
public:
    Reader(std::filesystem::path const& folder, std::vector<EffectiveKey>& keys)
        : folder_(folder), keys_(keys) {}

    void section(SectionInfo const& info, std::string const& heading, Table const* table) {
        if (table == nullptr) return;
        for (auto const* key : keys_of(info.id)) {
            auto const* entry = table->find(key->name);
            if (entry == nullptr) continue;
            auto effective = read(*key, heading, entry->value);
            if (effective.value != key->fallback) keys_.push_back(std::move(effective));
        }
    }

private:
    EffectiveKey read(KeyInfo const& key, std::string const& heading, Value const& value) const {
        EffectiveKey effective{&key, heading, toml_text(key, value), {}, value.position.line, {}};
        auto const* text = sole_text(value);
        if (text != nullptr) effective.reads = file_named(key, *text, folder_);
        if (key.type == ValueType::secret) {
            if (text == nullptr || is_inline_secret(*text)) effective.value = "\"***\"";
            if (text != nullptr) effective.behind = contents_of_secret(*text, folder_);
        } else if (text != nullptr && key.type == ValueType::directory_uri) {
            if (text->starts_with("ldif:")) effective.behind = file_stamp(effective.reads);
        } else if (text != nullptr && key.type == ValueType::key_file) {
            if (is_key_text(*text)) effective.value = "\"***\"";
            effective.behind = file_stamp(effective.reads);
        } else if (text != nullptr && (key.name == "tls_ca" || key.name == "certificate")) {
            effective.behind = file_stamp(effective.reads);
        }
        return effective;
    }

    std::filesystem::path const& folder_;
    std::vector<EffectiveKey>& keys_;
};

// What tells one [[listen]] or [[domain]] from the others: its name, else its first address.
std::string title_of(SectionInfo const& info, Table const& table) {
    Section const section(info.id, &table, {});
    for (auto const* key : {"name", "address"}) {
        auto const texts = section.texts(key);
        if (!texts.empty()) return fmt::format("{} {}", info.heading, texts.front().text);
    }
    return std::string(info.heading);
}

void read_sections(Table const& document, SectionInfo const& info, Reader& reader) {
    auto const id = info.id.substr(0, info.id.find('.'));
    auto const* entry = document.find(id);
    auto const* table = entry != nullptr ? entry->value.table() : nullptr;
    switch (info.form) {
        case SectionForm::single:
            reader.section(info, std::string(info.heading), table);
            return;
        case SectionForm::repeated:
            if (entry == nullptr || entry->value.array() == nullptr) return;
            for (auto const& item : *entry->value.array()) {
                if (item.table() == nullptr) continue;
                reader.section(info, title_of(info, *item.table()), item.table());
            }
            return;
        case SectionForm::named:
        case SectionForm::named_map:
            break;
    }
    if (table == nullptr) return;
    for (auto const& [name, position, value] : table->entries) {
        auto const* named = value.table();
        if (named == nullptr) continue;
        if (info.form == SectionForm::named) {
            reader.section(info, heading_of(id, name), named);
        } else if (auto const* map = named->find("map")) {
            reader.section(info, heading_of(id, name, "map"), map->value.table());
        }
    }
}

using Keys = std::vector<EffectiveKey>;

// The keys of one configuration by place, and its sections.
class Index {
public:
    explicit Index(Keys const& keys) {
        for (auto const& one : keys) {
            keys_.emplace(std::pair(std::string_view(one.section), one.info), &one);
            sections_.insert(one.section);
        }
    }
    EffectiveKey const* find(EffectiveKey const& like) const {
        auto const found = keys_.find(std::pair(std::string_view(like.section), like.info));
        return found == keys_.end() ? nullptr : found->second;
    }
    // [server] and the like are always there, with nothing in them but defaults.
    bool has_section_of(EffectiveKey const& one) const {
        return find_section(one.info->section)->form == SectionForm::single ||
               sections_.contains(one.section);
    }

private:
    std::map<std::pair<std::string_view, KeyInfo const*>, EffectiveKey const*> keys_;
    std::set<std::string_view> sections_;
};

std::string default_text(KeyInfo const& key) {
    return key.fallback.empty() ? "not set" : std::string(key.fallback);
}

Change change_of(EffectiveKey const& where, std::string before, std::string after) {
    auto const kind = before == after ? Change::Kind::contents : Change::Kind::changed;
    return {
        kind,
        where.section,
        std::string(where.info->name),
        std::move(before),
        std::move(after),
        where.info->at_restart};
}

// What `keys` say of a section that `others` lack, once a section.
void add_section(EffectiveKey const& one, Change::Kind kind, std::vector<Change>& changes) {
    if (!changes.empty() && changes.back().key.empty() && changes.back().section == one.section)
        return;
    changes.push_back({kind, one.section, {}, {}, {}, false});
}

}  // namespace

std::vector<EffectiveKey> effective_keys(
    Table const& document, std::filesystem::path const& folder
) {
    std::vector<EffectiveKey> keys;
    Reader reader(folder, keys);
    for (auto const& info : all_sections()) read_sections(document, info, reader);
    return keys;
}

std::string short_hash(Keys const& keys) {
    Digest digest;
    for (auto const& one : keys) {
        digest.add(one.section);
        digest.add(one.info->name);
        digest.add(one.value);
    }
    return fmt::format("{:08x}", (digest.value() >> 32) ^ (digest.value() & 0xffffffffU));
}

std::vector<Change> differences(Keys const& before, Keys const& after) {
    std::vector<Change> changes;
    Index const old(before);
    Index const now(after);
    for (auto const& one : after) {
        auto const* was = old.find(one);
        if (!old.has_section_of(one)) {
            add_section(one, Change::Kind::added, changes);
        } else if (was == nullptr || was->value != one.value || was->behind != one.behind) {
            auto value = was != nullptr ? was->value : default_text(*one.info);
            changes.push_back(change_of(one, std::move(value), one.value));
        }
    }
    for (auto const& one : before) {
        if (!now.has_section_of(one)) {
            add_section(one, Change::Kind::removed, changes);
        } else if (now.find(one) == nullptr) {
            changes.push_back(change_of(one, one.value, default_text(*one.info)));
        }
    }
    return changes;
}

std::string to_text(Change const& change) {
    switch (change.kind) {
        case Change::Kind::added:
            return change.section + " is new";
        case Change::Kind::removed:
            return change.section + " is gone";
        case Change::Kind::contents:
            return fmt::format(
                "{} {}: {} holds something else", change.section, change.key, change.after
            );
        case Change::Kind::changed:
            break;
    }
    return fmt::format("{} {}: {} -> {}", change.section, change.key, change.before, change.after);
}

}  // namespace splitmx::config
