#include "migration/import.hpp"

#include "migration/csv_rows.hpp"
#include "migration/ldif_people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::migration {

namespace {

constexpr std::size_t lines_to_name = 100;

class TableImport final : public Import {
public:
    TableImport(Settings settings, Sink sink, TextLines lines)
        : Import(std::move(settings), std::move(sink), std::move(lines)),
          reader_(
              settings_.format == Format::exchange55 ? exchange55_reader(settings_.rows)
                                                     : exchange_reader(settings_.rows)
          ) {}

private:
    void add(TextLine line) override { rows_.add(std::move(line)); }
    void end() override { rows_.end(); }

    std::optional<Halt> take_ready() override {
        while (auto row = rows_.next()) {
            auto halt = width_ == 0 ? take_header(*row) : take_row(*row);
            if (halt) return halt;
        }
        return std::nullopt;
    }

    std::optional<Halt> take_header(CsvRow& row) {
        if (!row.fault.empty()) return Unusable{row.line, row.fault};
        width_ = row.values.size();
        auto missing = reader_->take_header(Columns(std::move(row.values)));
        if (missing) return std::move(*missing);
        return std::nullopt;
    }

    std::optional<Halt> take_row(CsvRow const& row) {
        ++report_.rows;
        auto const& values = row.values;
        if (!row.fault.empty()) return settle(Rejection{row.fault}, row.line);
        // Spreadsheets drop empty values at the end of a row, and may add some.
        bool const more =
            values.size() > width_ && std::any_of(
                                          values.begin() + static_cast<std::ptrdiff_t>(width_),
                                          values.end(),
                                          [](std::string const& one) { return !one.empty(); }
                                      );
        if (more) {
            return settle(
                Rejection{fmt::format(
                    "{} values, and the header has {} columns: a value with the separator in it is "
                    "not quoted",
                    values.size(),
                    width_
                )},
                row.line
            );
        }
        return settle(reader_->read(values, report_), row.line);
    }

    CsvRows rows_;
    std::unique_ptr<RowReader> reader_;
    std::size_t width_ = 0;  // columns of the header
};

class MapImport final : public Import {
public:
    MapImport(Settings settings, Sink sink, TextLines lines)
        : Import(std::move(settings), std::move(sink), std::move(lines)) {}

private:
    void add(TextLine line) override { lines_.add(std::move(line)); }
    void end() override { lines_.end(); }

    std::optional<Halt> take_ready() override {
        while (auto const line = lines_.next()) {
            ++report_.rows;
            auto outcome = line->fault.empty()
                               ? read_map_line(settings_.map, *line, settings_.entries.domains)
                               : Outcome{Rejection{line->fault}};
            if (auto halt = settle(std::move(outcome), line->line)) return halt;
        }
        return std::nullopt;
    }

    MapLines lines_;
};

class LdifImport final : public Import {
public:
    LdifImport(Settings settings, Sink sink, TextLines lines)
        : Import(std::move(settings), std::move(sink), std::move(lines)) {}

private:
    void add(TextLine line) override { texts_.add(std::move(line)); }
    void end() override { texts_.end(); }

    std::optional<Halt> take_ready() override {
        while (auto const record = texts_.next()) {
            auto outcome = read_entry(*settings_.from, *record, report_);
            if (!outcome) continue;
            ++report_.rows;
            if (auto halt = settle(std::move(*outcome), record->line)) return halt;
        }
        return std::nullopt;
    }

    LdifTexts texts_;
};

}  // namespace

Import::Import(Settings settings, Sink sink, TextLines lines)
    : settings_(std::move(settings)),
      sink_(std::move(sink)),
      lines_(std::move(lines)),
      entries_(settings_.entries) {}

mail::Result<std::unique_ptr<Import>> Import::begin(Settings settings, Sink sink) {
    auto lines = TextLines::open(settings.encoding);
    if (!lines) return lines.error();
    std::unique_ptr<Import> import;
    switch (settings.format) {
        case Format::exchange55:
        case Format::exchange:
            import = std::make_unique<TableImport>(
                std::move(settings), std::move(sink), std::move(*lines)
            );
            break;
        case Format::postfix:
            import = std::make_unique<MapImport>(
                std::move(settings), std::move(sink), std::move(*lines)
            );
            break;
        case Format::ldif:
            import = std::make_unique<LdifImport>(
                std::move(settings), std::move(sink), std::move(*lines)
            );
            break;
    }
    return import;
}

std::optional<Halt> Import::feed(std::string_view octets) {
    lines_.add(octets);
    return take_lines();
}

std::optional<Halt> Import::finish() {
    lines_.end();
    if (auto halt = take_lines()) return halt;
    end();
    return take_ready();
}

std::optional<Halt> Import::take_lines() {
    while (auto line = lines_.next()) {
        add(std::move(*line));
        if (auto halt = take_ready()) return halt;
    }
    report_.legacy_lines = lines_.legacy_lines();
    return std::nullopt;
}

void Import::reject(std::size_t line, std::string const& reason) {
    ++report_.rejected;
    if (report_.rejected_lines.size() < lines_to_name) report_.rejected_lines.push_back(line);
    sink_.reject(line, reason);
}

void Import::settle_person(Person person, std::size_t line) {
    auto const kind = person.kind;
    auto const written = entries_.write(std::move(person), line, report_);
    if (auto const* skip = std::get_if<Skip>(&written)) return report_.count(*skip);
    if (auto const* rejection = std::get_if<Rejection>(&written)) {
        return reject(line, rejection->reason);
    }
    sink_.write(std::get<std::string>(written));
    bool const mailbox = kind == resolver::RecipientKind::mailbox;
    ++(mailbox ? report_.mailboxes : report_.custom_recipients);
}

std::optional<Halt> Import::settle(Outcome outcome, std::size_t line) {
    if (auto* person = std::get_if<Person>(&outcome)) {
        settle_person(std::move(*person), line);
    } else if (auto* route = std::get_if<Route>(&outcome)) {
        if (auto const added = routes_.add(std::move(*route), line); !added) {
            reject(line, added.error().what);
        } else {
            ++report_.routes;
        }
    } else if (auto const* skip = std::get_if<Skip>(&outcome)) {
        report_.count(*skip);
    } else if (auto const* rejection = std::get_if<Rejection>(&outcome)) {
        reject(line, rejection->reason);
    } else {
        return Unusable{line, std::get<Stop>(outcome).reason};
    }
    return std::nullopt;
}

}  // namespace splitmx::migration
