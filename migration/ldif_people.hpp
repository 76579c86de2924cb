// Entries of another directory as people: LDIF in the words of one profile, record by record, so
// that one broken record is named and the others are read.
// Threads: one. Memory: one record, at most max_record octets. Source: RFC 2849.
#pragma once

#include "migration/person.hpp"
#include "migration/report.hpp"
#include "migration/text_lines.hpp"
#include "schema/profile.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace splitmx::migration {

struct LdifText {
    std::size_t line = 0;  // its first one
    std::string text;
    std::string fault;
};

class LdifTexts {
public:
    static constexpr std::size_t max_record = std::size_t{64} << 20U;  // a photo, a big group

    void add(TextLine line);
    void end();
    [[nodiscard]] std::optional<LdifText> next();

private:
    void finish();

    LdifText open_;
    bool in_comment_ = false;  // before a record; it may be folded
    std::deque<LdifText> ready_;
};

// Nothing: the record holds no entry ("version: 1", the result of a search).
[[nodiscard]] std::optional<Outcome> read_entry(
    schema::Profile const& profile, LdifText const& record, Report& report
);

}  // namespace splitmx::migration
