#include "ldap/entry.hpp"

#include "ldap/letter_case.hpp"

#include <algorithm>
#include <iterator>

namespace splitmx::ldap {

namespace {

[[nodiscard]] bool starts_no_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && equal_no_case(text.substr(0, prefix.size()), prefix);
}

struct AttributeDescription {
    std::string name;
    bool partial = false;
};

// Drops the options that say how the values travelled, not what they are.
[[nodiscard]] AttributeDescription without_transfer_options(std::string_view text) {
    constexpr std::string_view range = "range=";
    AttributeDescription out;
    for (bool first = true; !text.empty() || first; first = false) {
        auto const end = text.find(';');
        auto const part = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (first) {
            out.name = part;
        } else if (starts_no_case(part, range)) {
            out.partial = !part.ends_with('*');
        } else if (!equal_no_case(part, "binary")) {
            out.name.append(1, ';').append(part);
        }
    }
    return out;
}

}  // namespace

bool equal_no_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return lower_case(x) == lower_case(y);
    });
}

Attribute const* Entry::find(std::string_view name) const noexcept {
    auto const at = std::find_if(attributes_.begin(), attributes_.end(), [&](auto const& a) {
        return equal_no_case(a.name, name);
    });
    return at != attributes_.end() ? &*at : nullptr;
}

Attribute& Entry::find_or_add(std::string_view description) {
    auto const existing = [this](std::string_view name) {
        return std::find_if(attributes_.begin(), attributes_.end(), [&](auto const& a) {
            return equal_no_case(a.name, name);
        });
    };
    if (description.find(';') == std::string_view::npos) {
        auto const at = existing(description);
        if (at != attributes_.end()) return *at;
        return attributes_.emplace_back(Attribute{std::string(description), {}, false});
    }
    auto wanted = without_transfer_options(description);
    auto at = existing(wanted.name);
    if (at == attributes_.end()) {
        attributes_.emplace_back(Attribute{std::move(wanted.name), {}, false});
        at = std::prev(attributes_.end());
    }
    at->partial = wanted.partial;
    return *at;
}

void Entry::add(std::string_view description, std::string value) {
    find_or_add(description).values.push_back(std::move(value));
}

void Entry::add(std::string_view description, std::vector<std::string> values) {
    auto& there = find_or_add(description).values;
    if (there.empty()) {
        there = std::move(values);
    } else {
        std::move(values.begin(), values.end(), std::back_inserter(there));
    }
}

void Entry::keep_only(std::vector<std::string> const& names) {
    if (names.empty() || std::find(names.begin(), names.end(), "*") != names.end()) return;
    std::erase_if(attributes_, [&](Attribute const& attribute) {
        return std::none_of(names.begin(), names.end(), [&](auto const& name) {
            return equal_no_case(attribute.name, name);
        });
    });
}

std::span<std::string const> Entry::values(std::string_view name) const noexcept {
    auto const* attribute = find(name);
    return attribute != nullptr ? std::span<std::string const>(attribute->values)
                                : std::span<std::string const>();
}

std::optional<std::string_view> Entry::first(std::string_view name) const noexcept {
    auto const all = values(name);
    if (all.empty()) return std::nullopt;
    return std::string_view(all.front());
}

bool Entry::has(std::string_view name) const noexcept { return !values(name).empty(); }

bool Entry::has_value_no_case(std::string_view name, std::string_view value) const noexcept {
    auto const all = values(name);
    return std::any_of(all.begin(), all.end(), [&](auto const& v) {
        return equal_no_case(v, value);
    });
}

bool Entry::is_partial(std::string_view name) const noexcept {
    auto const* attribute = find(name);
    return attribute != nullptr && attribute->partial;
}

}  // namespace splitmx::ldap
