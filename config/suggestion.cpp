#include "config/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace splitmx::config {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            auto const above = row[j + 1];
            auto const replaced = diagonal + (a[i] == b[j] ? 0U : 1U);
            row[j + 1] = std::min({above + 1, row[j] + 1, replaced});
            diagonal = above;
        }
    }
    return row.back();
}

std::string did_you_mean(std::string const& name) {
    return name.empty() ? std::string() : "did you mean \"" + name + "\"?";
}

}  // namespace splitmx::config
