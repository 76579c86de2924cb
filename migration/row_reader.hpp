// The readers of tables: each knows the columns of one kind of export. Pure: a row in, an outcome
// out; what is counted beside it goes into the report. Threads: one.
// Source: Q146304, Q155594, Q155589 for admin.exe's export; Microsoft's reference of Get-Recipient.
#pragma once

#include "migration/columns.hpp"
#include "migration/person.hpp"
#include "migration/report.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::migration {

// A file that lacks columns which nothing can be read without.
struct MissingColumns {
    std::vector<std::string> needed;  // each with its other names: "PrimarySmtpAddress or ..."
    std::vector<std::string> there;   // those that the file has
    std::string advice;               // what would help; may be empty
};

// What an operator says of all rows.
struct RowSettings {
    std::optional<resolver::RecipientKind> kind;  // where the file does not tell
    std::string host_column;                      // of a mailbox's host; empty: none is taken
};

class RowReader {
public:
    RowReader() = default;
    RowReader(RowReader const&) = delete;
    RowReader& operator=(RowReader const&) = delete;
    virtual ~RowReader() = default;

    [[nodiscard]] virtual std::optional<MissingColumns> take_header(Columns const& columns) = 0;
    [[nodiscard]] virtual Outcome read(std::vector<std::string> const& values, Report& report)
        const = 0;
};

[[nodiscard]] std::unique_ptr<RowReader> exchange55_reader(RowSettings settings);
[[nodiscard]] std::unique_ptr<RowReader> exchange_reader(RowSettings settings);

// What both have in common.

// The target of a custom recipient, into the person: or why there is none.
[[nodiscard]] std::optional<Outcome> take_target(
    Person& person, std::string_view value, std::string_view column
);
// X500 addresses of the list into the person; what else is no mail address is noted.
void take_others(struct ProxyAddresses const& read, Person& person, Report& report);

}  // namespace splitmx::migration
