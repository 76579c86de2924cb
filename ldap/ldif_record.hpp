// The lines of LDIF (RFC 2849), unfolded and decoded, for the readers of entries and of changes.
// Internal. Threads: a Record is for one. Errors: Error::at is the line, from 1.
#pragma once

#include "ldap/errc.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::ldap {

// One "name: value" of a record. The views live as long as the record. A line "-" that ends a
// modification has that name and no value.
struct LdifLine {
    std::string_view name;
    std::string_view value;
    std::size_t number = 0;
};

// The lines of one record.
class LdifRecord {
public:
    LdifRecord(std::string_view text, std::size_t first_line)
        : text_(text), buffer_(text), next_(buffer_.data()), number_(first_line) {}
    LdifRecord(LdifRecord const&) = delete;
    LdifRecord& operator=(LdifRecord const&) = delete;

    // The next line that is no comment; nothing at the end.
    [[nodiscard]] Result<std::optional<LdifLine>> next();

private:
    [[nodiscard]] Error fail(Errc code, std::string what) const {
        return {code, std::move(what), number_};
    }
    void count_to(std::size_t offset);
    [[nodiscard]] Result<std::optional<LdifLine>> parse(char* line, char* end) const;

    std::string_view text_;
    std::string buffer_;
    char* next_;
    std::size_t number_;
    std::size_t counted_ = 0;
};

// A record's text and the number of its first line; nothing behind the last one.
struct LdifPart {
    std::string_view text;
    std::size_t line;
};
class LdifParts {
public:
    // `text` has LF only.
    explicit LdifParts(std::string_view text) : text_(text) {}
    [[nodiscard]] std::optional<LdifPart> next();

private:
    std::string_view text_;
    std::size_t line_ = 1;
};

// LF only, no NUL. Fails with Errc::syntax.
[[nodiscard]] Result<std::string> plain_ldif(std::string_view text);
// A file's text; the error names the file. Fails with Errc::file.
[[nodiscard]] Result<std::string> read_ldif_text(std::filesystem::path const& file);
// The error with the file's name and the line before it.
[[nodiscard]] Error in_file(std::filesystem::path const& file, Error const& error);

// "name: value" with its line end, folded, in base64 where it needs it.
[[nodiscard]] std::string ldif_line(std::string_view name, std::string_view value);

}  // namespace splitmx::ldap
