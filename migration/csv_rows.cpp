#include "migration/csv_rows.hpp"

#include <csv.h>

#include <algorithm>
#include <array>
#include <utility>

namespace splitmx::migration {

namespace {

constexpr char const* bad_quotes =
    "quotation marks that do not match: a value with one is quoted, and the mark doubled";

}  // namespace

// libcsv, and what it has said of the present row.
class CsvRows::Parser {
public:
    Parser() { open(); }
    ~Parser() { csv_free(&parser_); }
    Parser(Parser const&) = delete;
    Parser& operator=(Parser const&) = delete;

    void set_separator(char separator) {
        separator_ = separator;
        restart();
    }
    void restart() {
        csv_free(&parser_);
        open();
    }
    // False: the quotation marks are wrong.
    bool parse(std::string_view text) {
        return csv_parse(&parser_, text.data(), text.size(), on_value, on_row, this) == text.size();
    }
    // A row has ended; its values.
    std::optional<std::vector<std::string>> take() {
        if (!std::exchange(complete_, false)) return std::nullopt;
        return std::exchange(values_, {});
    }

private:
    void open() {
        csv_init(&parser_, CSV_STRICT);
        csv_set_delim(&parser_, static_cast<unsigned char>(separator_));
        values_.clear();
        complete_ = false;
    }
    static void on_value(void* value, std::size_t size, void* self) {
        static_cast<Parser*>(self)->values_.emplace_back(static_cast<char const*>(value), size);
    }
    static void on_row(int, void* self) { static_cast<Parser*>(self)->complete_ = true; }

    csv_parser parser_{};
    char separator_ = ',';
    std::vector<std::string> values_;
    bool complete_ = false;
};

char separator_of(std::string_view header) {
    constexpr std::array candidates = {',', ';', '\t'};
    std::array<std::size_t, candidates.size()> counts{};
    bool quoted = false;
    for (char const c : header) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        for (std::size_t i = 0; i < candidates.size(); ++i) counts[i] += c == candidates[i] ? 1 : 0;
    }
    auto const most = std::max_element(counts.begin(), counts.end());
    return candidates[static_cast<std::size_t>(most - counts.begin())];
}

CsvRows::CsvRows() : parser_(std::make_unique<Parser>()) {}
CsvRows::~CsvRows() = default;

void CsvRows::begin(std::string_view header) {
    begun_ = true;
    parser_->set_separator(separator_of(header));
}

void CsvRows::add(TextLine line) {
    if (!begun_) {
        if (line.text.empty() && line.fault.empty()) return;
        if (line.text.starts_with("#TYPE ") || line.text.starts_with("sep=")) return;
        begin(line.text);
    }
    parse(std::move(line));
}

// The row that has begun is wrong. Its first line is given up; the others may be rows of their own.
void CsvRows::reject(std::string fault) {
    std::deque<TextLine> lines;
    lines.swap(of_row_);
    ready_.push_back({{}, lines.front().number, std::move(fault)});
    parser_->restart();
    lines.pop_front();
    for (auto& line : lines) parse(std::move(line));
}

void CsvRows::parse(TextLine line) {
    if (!line.fault.empty()) {
        while (!of_row_.empty()) reject(bad_quotes);
        ready_.push_back({{}, line.number, std::move(line.fault)});
        return;
    }
    of_row_.push_back(std::move(line));
    auto const& text = of_row_.back().text;
    if (!parser_->parse(text) || !parser_->parse("\n")) return reject(bad_quotes);
    if (auto values = parser_->take()) {
        ready_.push_back({std::move(*values), of_row_.front().number, {}});
        of_row_.clear();
    } else if (of_row_.size() == 1 && text.find_first_not_of(" \t") == std::string::npos) {
        of_row_.clear();
    } else if (of_row_.size() > max_row_lines) {
        reject("a quoted value begins here and does not end within 200 lines");
    }
}

// Each line ended its values: what is left is within quotation marks.
void CsvRows::end() {
    while (!of_row_.empty()) reject("a quoted value begins here and does not end");
}

std::optional<CsvRow> CsvRows::next() {
    if (ready_.empty()) return std::nullopt;
    auto row = std::move(ready_.front());
    ready_.pop_front();
    return row;
}

}  // namespace splitmx::migration
