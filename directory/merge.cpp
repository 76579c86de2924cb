#include "directory/merge.hpp"

namespace splitmx::directory {

resolver::Answer merge(std::span<resolver::Answer const> answers) {
    std::vector<resolver::EntryName> owners;
    resolver::Answer const* found = nullptr;
    resolver::Unavailable const* silent = nullptr;
    bool not_asked = false;
    bool nobody_in_copies = true;  // of all that are silent
    for (auto const& answer : answers) {
        if (auto const* one = std::get_if<resolver::One>(&answer)) {
            owners.push_back(one->recipient->name);
            found = &answer;
        } else if (auto const* many = std::get_if<resolver::Many>(&answer)) {
            owners.insert(owners.end(), many->names.begin(), many->names.end());
        } else if (auto const* down = std::get_if<resolver::Unavailable>(&answer)) {
            silent = down;
            nobody_in_copies = nobody_in_copies && down->copy_has_nobody;
        } else if (std::holds_alternative<resolver::NotAsked>(answer)) {
            not_asked = true;
        }
    }
    if (owners.size() > 1) return resolver::Many{std::move(owners)};
    if (not_asked) return resolver::NotAsked{};
    if (found) return *found;
    if (silent) return resolver::Unavailable{silent->why, nobody_in_copies};
    return resolver::None{};
}

}  // namespace splitmx::directory
