// Is a server ready for a profile? Does it know the attributes and classes, does the account see
// them, are lookups by address quick? From the subschema and a sample, so a "no" may be a matter of
// rights; the text says so. Threads: pure. Source: contract of the profiles; RFC 4512 4.2.
#pragma once

#include "schema/profile.hpp"
#include "schema/server_view.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace splitmx::schema {

struct ReadinessLine {
    enum class Level { good, note, warning, error };
    Level level = Level::good;
    std::string subject;  // an attribute or a class
    std::string use;      // "address", "target"
    std::string text;
};

// "good", "note", "warn", "error".
[[nodiscard]] std::string_view to_text(ReadinessLine::Level level) noexcept;

[[nodiscard]] std::vector<ReadinessLine> readiness(Profile const& profile, ServerView const& view);

}  // namespace splitmx::schema
