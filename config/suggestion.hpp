// "Did you mean": the known name that is nearest to a mistyped one, by edit distance (Levenshtein).
// Threads: free functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace splitmx::config {

std::size_t edit_distance(std::string_view a, std::string_view b);

// The name that `text` was probably meant to be; empty when none is near.
template <class Names>
std::string nearest(std::string_view text, Names const& names) {
    std::string best;
    // From here on it is another word.
    auto best_distance = std::min(text.size() / 3 + 2, text.size());
    for (auto const& name : names) {
        auto const distance = edit_distance(text, name);
        if (distance >= best_distance) continue;
        best_distance = distance;
        best = name;
    }
    return best;
}

std::string did_you_mean(std::string const& name);  // empty for an empty name

}  // namespace splitmx::config
