// The header of a table: which column is called how. Names compare without regard to case, blanks,
// hyphens and underscores: "E-mail Addresses" is "EmailAddresses".
// Threads: plain values.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::migration {

// One column; none has no values.
class Column {
public:
    Column() = default;
    explicit Column(std::size_t at) : at_(at) {}

    bool is_there() const { return at_.has_value(); }
    // Of this row, without blanks around it; empty where the row is shorter.
    std::string_view of(std::vector<std::string> const& values) const;

private:
    std::optional<std::size_t> at_;
};

class Columns {
public:
    explicit Columns(std::vector<std::string> header);

    // The first of these names that there is.
    Column find(std::initializer_list<std::string_view> names) const;
    std::vector<std::string> const& names() const { return header_; }

private:
    std::vector<std::string> header_;
    std::vector<std::string> keys_;
};

// Without blanks and line ends at both ends; control characters and runs of blanks are one blank.
[[nodiscard]] std::string one_line(std::string_view text);
// "TRUE", "True", "1", "yes"
[[nodiscard]] bool is_true(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);  // ASCII letters

}  // namespace splitmx::migration
