#include "ldap/ranged_values.hpp"

#include <algorithm>
#include <utility>

namespace splitmx::ldap {

bool RangedValues::is_needed(Entry const& entry) {
    auto const& all = entry.attributes();
    return std::any_of(all.begin(), all.end(), [](Attribute const& one) { return one.partial; });
}

Attribute const* RangedValues::partial() const {
    for (auto const& attribute : entry_.attributes()) {
        if (attribute.partial) return &attribute;
    }
    return nullptr;
}

std::optional<std::string> RangedValues::question() const {
    auto const* attribute = partial();
    if (gave_up_ || attribute == nullptr) return std::nullopt;
    return attribute->name + ";range=" + std::to_string(attribute->values.size()) + "-*";
}

void RangedValues::take(Entry const& answer) {
    auto const* attribute = partial();
    if (attribute == nullptr) return;
    auto const name = attribute->name;
    auto const more = answer.values(name);
    if (more.empty()) return give_up();
    // How it is written tells whether this was the last part.
    auto const ending = answer.is_partial(name) ? ";range=0-0" : ";range=0-*";
    entry_.add(name + ending, std::vector<std::string>(more.begin(), more.end()));
}

}  // namespace splitmx::ldap
