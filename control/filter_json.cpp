#include "control/filter_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace splitmx::control {

namespace {

struct Field {
    char const* name;
    std::vector<std::string> queue::Filter::*values;
};
constexpr Field fields[]{
    {"to", &queue::Filter::to},
    {"from", &queue::Filter::from},
    {"host", &queue::Filter::host},
    {"domain", &queue::Filter::domain},
    {"reason", &queue::Filter::reason}};

struct Age {
    char const* name;
    std::optional<mail::Duration> queue::Filter::*value;
};
constexpr Age ages[]{{"older", &queue::Filter::older}, {"newer", &queue::Filter::newer}};

std::string in_ms(char const* name) { return fmt::format("{}_ms", name); }

}  // namespace

json::object to_json(queue::Filter const& filter) {
    json::object object;
    for (auto const& [name, values] : fields) {
        if ((filter.*values).empty()) continue;
        json::array all;
        for (auto const& value : filter.*values) all.emplace_back(value);
        object[name] = std::move(all);
    }
    for (auto const& [name, value] : ages) {
        if (filter.*value) object[in_ms(name)] = (filter.*value)->count();
    }
    if (!filter.ids.empty()) {
        json::array ids;
        for (auto const id : filter.ids) ids.emplace_back(id.to_text());
        object["ids"] = std::move(ids);
    }
    return object;
}

mail::Result<queue::Filter> read_filter(json::object const& arguments) {
    queue::Filter filter;
    for (auto const& [name, values] : fields) filter.*values = texts_of(arguments, name);
    for (auto const& [name, value] : ages) {
        if (!arguments.contains(in_ms(name))) continue;
        filter.*value =
            mail::Duration(static_cast<std::int64_t>(number_of(arguments, in_ms(name))));
    }
    for (auto const& text : texts_of(arguments, "ids")) {
        auto const id = spool::SpoolId::parse(text);
        if (!id) return mail::Error{fmt::format("\"{}\" is no id of a message", text), 0};
        filter.ids.push_back(*id);
    }
    return filter;
}

std::string to_text(queue::Filter const& filter) {
    constexpr std::size_t shown = 10;
    std::vector<std::string> words;
    for (auto const& [name, values] : fields) {
        if (!(filter.*values).empty()) {
            words.push_back(fmt::format("--{} {}", name, fmt::join(filter.*values, ",")));
        }
    }
    for (auto const& [name, value] : ages) {
        if (!(filter.*value)) continue;
        auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(*(filter.*value));
        words.push_back(fmt::format("--{} {}s", name, seconds.count()));
    }
    if (filter.ids.size() > shown) words.push_back(fmt::format("{} ids", filter.ids.size()));
    for (auto const id : filter.ids) {
        if (filter.ids.size() <= shown) words.push_back(id.to_text());
    }
    return words.empty() ? "all" : fmt::format("{}", fmt::join(words, " "));
}

}  // namespace splitmx::control
