// Lines of text as rows of comma-separated values (RFC 4180): quoted values with separators, line
// ends and doubled quotation marks in them. The separator is the one that the header has most.
// A row that is wrong is told with its lines, and reading goes on with the next line: one quotation
// mark that nobody closed must not swallow the rest of the file.
// Threads: one. Memory: one row, at most max_row_lines lines. Source: RFC 4180; libcsv splits.
#pragma once

#include "migration/text_lines.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::migration {

struct CsvRow {
    std::vector<std::string> values;
    std::size_t line = 0;  // its first one
    std::string fault;     // why it cannot be read; then there are no values
};

class CsvRows {
public:
    static constexpr std::size_t max_row_lines = 200;

    CsvRows();
    CsvRows(CsvRows const&) = delete;
    CsvRows& operator=(CsvRows const&) = delete;
    ~CsvRows();

    void add(TextLine line);
    void end();
    // The header is the first one. Empty lines, and the lines "#TYPE ..." and "sep=;" that
    // PowerShell and Excel put before the header, are no rows.
    [[nodiscard]] std::optional<CsvRow> next();

private:
    class Parser;

    void parse(TextLine line);
    void reject(std::string fault);
    void begin(std::string_view header);

    std::unique_ptr<Parser> parser_;
    std::deque<CsvRow> ready_;
    std::deque<TextLine> of_row_;  // lines of the row that has begun
    bool begun_ = false;
};

// ',', ';' or a tab: whatever divides this header most.
[[nodiscard]] char separator_of(std::string_view header);

}  // namespace splitmx::migration
