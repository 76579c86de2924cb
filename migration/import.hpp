// A file of another mail system, octet by octet, into entries and routes: the whole way from
// encoding to LDIF, for one of the formats. Pure: whoever has the file feeds it, and is called back
// with what to write and what was wrong.
// Threads: one. Memory: one row or record, the checksums of entry_writer.hpp, and the routes.
// Errors: of rows, through the sink; of the file, what feed() gives.
#pragma once

#include "migration/entry_writer.hpp"
#include "migration/postfix.hpp"
#include "migration/report.hpp"
#include "migration/routes.hpp"
#include "migration/row_reader.hpp"
#include "migration/text_lines.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::migration {

enum class Format { exchange55, exchange, postfix, ldif };

struct Settings {
    Format format = Format::exchange55;
    std::string encoding;  // empty: found out
    EntrySettings entries;
    RowSettings rows;                       // of tables
    MapKind map = MapKind::virtual_alias;   // of Postfix
    schema::Profile const* from = nullptr;  // of LDIF: needed
};

struct Sink {
    std::function<void(std::string_view ldif)> write;
    std::function<void(std::size_t line, std::string const& reason)> reject;
};

// The file is of no use: what is needed, or the line that shows it.
struct Unusable {
    std::size_t line = 0;
    std::string reason;
};
using Halt = std::variant<MissingColumns, Unusable>;

class Import {
public:
    // Fails where the encoding is none.
    [[nodiscard]] static mail::Result<std::unique_ptr<Import>> begin(Settings settings, Sink sink);
    virtual ~Import() = default;
    Import(Import const&) = delete;
    Import& operator=(Import const&) = delete;

    [[nodiscard]] std::optional<Halt> feed(std::string_view octets);
    [[nodiscard]] std::optional<Halt> finish();

    Report const& report() const { return report_; }
    std::vector<Route> const& routes() const { return routes_.all(); }

protected:
    Import(Settings settings, Sink sink, TextLines lines);

    virtual void add(TextLine line) = 0;
    virtual void end() = 0;
    // What has come together.
    [[nodiscard]] virtual std::optional<Halt> take_ready() = 0;

    [[nodiscard]] std::optional<Halt> settle(Outcome outcome, std::size_t line);
    void reject(std::size_t line, std::string const& reason);

    Settings settings_;
    Report report_;

private:
    [[nodiscard]] std::optional<Halt> take_lines();
    void settle_person(Person person, std::size_t line);

    Sink sink_;
    TextLines lines_;
    EntryWriter entries_;
    Routes routes_;
};

}  // namespace splitmx::migration
