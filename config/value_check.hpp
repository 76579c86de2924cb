// Whether one value fits its key: the type, the unit, the range and the allowed words of the table.
// What only a whole file can tell (unknown hosts, cycles) is config/check.hpp's.
// Threads: free functions. Errors: the first problem of the value.
#pragma once

#include "config/config_keys.hpp"
#include "config/document.hpp"
#include "config/finding.hpp"

#include <optional>
#include <string>

namespace splitmx::config {

struct Problem {
    std::string text;
    std::string hint;
};

// For one element: the items of a list are judged one by one.
std::optional<Problem> problem_of(KeyInfo const& key, Value const& value);

// The value of a key, lists included; normalised names are warned of.
void check_value(KeyInfo const& key, Value const& value, Findings& findings);

}  // namespace splitmx::config
