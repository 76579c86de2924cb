#include "config/section.hpp"

#include "config/config_keys.hpp"
#include "config/values.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace splitmx::config {

namespace {

// The defaults of the table, parsed once.
Value const* fallback_of(std::string_view section, std::string_view key) {
    using Name = std::pair<std::string_view, std::string_view>;
    static auto const fallbacks = [] {
        std::map<Name, Value> values;
        for (auto const& info : all_keys()) {
            if (info.fallback.empty()) continue;
            auto parsed = parse_document(fmt::format("v = {}", info.fallback));
            auto& table = std::get<Table>(parsed);
            values.emplace(Name{info.section, info.name}, std::move(table.entries.front().value));
        }
        return values;
    }();
    auto const found = fallbacks.find(Name{section, key});
    return found == fallbacks.end() ? nullptr : &found->second;
}

}  // namespace

std::string FileOrigin::source(SourcePosition position) const {
    return fmt::format("{}:{}", name, position.line);
}

std::filesystem::path FileOrigin::resolve(std::string_view path) const {
    return (folder / path).lexically_normal();
}

Section Section::single(std::string_view id, Table const& document) {
    auto const* entry = document.find(id);
    if (entry == nullptr) return {id, nullptr, {}};
    return {id, entry->value.table(), entry->value.position};
}

Entry const* Section::entry(std::string_view key) const {
    return table_ == nullptr ? nullptr : table_->find(key);
}

Value const* Section::value(std::string_view key) const {
    auto const* found = entry(key);
    return found != nullptr ? &found->value : fallback_of(id_, key);
}

SourcePosition Section::key_position(std::string_view key) const {
    auto const* found = entry(key);
    return found != nullptr ? found->position : heading_;
}

SourcePosition Section::value_position(std::string_view key) const {
    auto const* found = entry(key);
    return found != nullptr ? found->value.position : heading_;
}

bool Section::boolean(std::string_view key) const {
    auto const* found = value(key);
    auto const* content = found != nullptr ? std::get_if<bool>(&found->content) : nullptr;
    return content != nullptr && *content;
}

unsigned Section::count(std::string_view key) const {
    auto const* found = value(key);
    auto const* content = found != nullptr ? std::get_if<std::int64_t>(&found->content) : nullptr;
    return content != nullptr ? static_cast<unsigned>(*content) : 0;
}

std::uint64_t Section::size(std::string_view key) const {
    auto const parsed = parse_size(text(key));
    return parsed ? *parsed : 0;
}

std::string Section::text(std::string_view key) const {
    auto const* found = value(key);
    auto const* content = found != nullptr ? found->text() : nullptr;
    return content != nullptr ? *content : std::string();
}

std::vector<LocatedText> Section::texts(std::string_view key) const {
    std::vector<LocatedText> found;
    auto const add = [&](Value const& item) {
        if (auto const* content = item.text()) found.push_back({*content, item.position});
    };
    auto const* all = value(key);
    if (all == nullptr) return found;
    if (auto const* items = all->array()) {
        for (auto const& item : *items) add(item);
    } else {
        add(*all);
    }
    return found;
}

mail::Duration Section::duration(std::string_view key) const {
    auto const parsed = parse_duration(text(key));
    return parsed ? *parsed : mail::Duration{};
}

std::optional<mail::Duration> Section::duration_or_never(std::string_view key) const {
    if (text(key) == "never") return std::nullopt;
    return duration(key);
}

std::vector<mail::Network> Section::networks(std::string_view key) const {
    std::vector<mail::Network> found;
    for (auto const& item : texts(key)) {
        if (auto const network = mail::Network::parse(item.text)) found.push_back(*network);
    }
    return found;
}

std::vector<mail::IpAddress> Section::addresses(std::string_view key) const {
    std::vector<mail::IpAddress> found;
    for (auto const& item : texts(key)) {
        if (auto const address = mail::IpAddress::parse(item.text)) found.push_back(*address);
    }
    return found;
}

}  // namespace splitmx::config
