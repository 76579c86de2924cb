#include "ldap/ldif.hpp"

#include "ldap/filter.hpp"

#include <fmt/core.h>

#include <cstdio>
// ldif.h needs FILE and struct berval, and includes neither.
#include <lber.h>
#include <ldif.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <new>
#include <optional>
#include <unordered_map>
#include <utility>

namespace splitmx::ldap {

namespace {

// One "name: value" of a record, unfolded and decoded. The views live as long as the record.
struct Line {
    std::string_view name;
    std::string_view value;
    std::size_t number = 0;
};

// Whole groups of four, with '=' only at the end. libldap checks too, but complains on standard
// error.
[[nodiscard]] bool is_base64(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return false;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/';
    });
}

// The lines of one record. libldap unfolds and decodes in place, so it gets a copy. The splitting
// into records is done here and not by ldif_read_record: that one opens the files of "include:"
// lines, and reads out of bounds where a line begins with NUL.
class Record {
public:
    Record(std::string_view text, std::size_t first_line)
        : text_(text), buffer_(text), next_(buffer_.data()), number_(first_line) {}
    Record(Record const&) = delete;
    Record& operator=(Record const&) = delete;

    // The next line that is no comment; nothing at the end.
    [[nodiscard]] Result<std::optional<Line>> next() {
        char* const line = ldif_getline(&next_);
        if (line == nullptr) return std::optional<Line>();
        count_to(static_cast<std::size_t>(line - buffer_.data()));
        // ldif_getline leaves '\r' where it joined lines.
        char* const end = std::remove(line, line + std::strlen(line), '\r');
        *end = '\0';
        return parse(line, end);
    }

private:
    [[nodiscard]] Error fail(Errc code, std::string what) const {
        return {code, std::move(what), number_};
    }

    void count_to(std::size_t offset) {
        auto const skipped = text_.substr(counted_, offset - counted_);
        number_ += static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
        counted_ = offset;
    }

    [[nodiscard]] Result<std::optional<Line>> parse(char* line, char* end) const {
        if (*line == ' ' || *line == '\t') {
            return fail(Errc::syntax, "a continuation line without a line before it");
        }
        char const* const colon = std::find(line, end, ':');
        if (colon == end) return fail(Errc::syntax, "':' expected after the attribute's name");
        std::string_view const name(line, static_cast<std::size_t>(colon - line));
        if (!is_attribute_description(name)) {
            return fail(Errc::syntax, fmt::format("'{}' is not an attribute's name", name));
        }
        // ldif_parse_line2 would fetch it, a local file too.
        if (colon[1] == '<') return fail(Errc::unsupported, "values by URL are not read");
        if (colon[1] == ':') {
            auto const* const begin = std::find_if(
                colon + 2, static_cast<char const*>(end), [](char c) { return c != ' '; }
            );
            if (!is_base64({begin, static_cast<std::size_t>(end - begin)})) {
                return fail(Errc::syntax, fmt::format("the value of '{}' is not base64", name));
            }
        }
        berval type{};
        berval value{};
        int owned = 0;  // only set for values by URL
        if (ldif_parse_line2(line, &type, &value, &owned) != 0) {
            return fail(Errc::syntax, "not a line of LDIF");
        }
        return std::optional(Line{name, std::string_view(value.bv_val, value.bv_len), number_});
    }

    std::string_view text_;
    std::string buffer_;
    char* next_;
    std::size_t number_;
    std::size_t counted_ = 0;
};

class Reader {
public:
    // `text` has LF only. Gives the error, if any.
    [[nodiscard]] std::optional<Error> read(std::string_view text) {
        std::size_t line = 1;
        while (!text.empty()) {
            if (text.front() == '\n') {
                text.remove_prefix(1);
                ++line;
                continue;
            }
            auto const end = std::min(text.find("\n\n"), text.size());
            auto const record = text.substr(0, end);
            if (auto error = read_record(record, line)) return error;
            line += static_cast<std::size_t>(std::count(record.begin(), record.end(), '\n'));
            text.remove_prefix(end);
        }
        return std::nullopt;
    }

    [[nodiscard]] std::vector<Entry> take() { return std::move(entries_); }

private:
    [[nodiscard]] std::optional<Error> read_record(std::string_view text, std::size_t first_line) {
        Record record(text, first_line);
        auto line = record.next();
        if (line && *line && entries_.empty() && !version_seen_ && is(**line, "version")) {
            version_seen_ = true;
            if ((*line)->value != "1") {
                return Error(Errc::unsupported, "only LDIF version 1 is read", (*line)->number);
            }
            line = record.next();
        }
        if (!line) return line.error();
        if (!*line) return std::nullopt;
        auto entry = begin_entry(**line);
        if (!entry) return entry.error();
        for (;;) {
            line = record.next();
            if (!line) return line.error();
            if (!*line) break;
            if (auto error = add(*entry, **line)) return error;
        }
        entries_.push_back(std::move(*entry));
        return std::nullopt;
    }

    [[nodiscard]] static bool is(Line const& line, std::string_view name) noexcept {
        return equal_no_case(line.name, name);
    }

    [[nodiscard]] Result<Entry> begin_entry(Line const& line) {
        if (is(line, "include")) {
            return Error(Errc::unsupported, "other files are not included", line.number);
        }
        if (!is(line, "dn")) {
            return Error(
                Errc::syntax,
                fmt::format("a record begins with 'dn:', not with '{}:'", line.name),
                line.number
            );
        }
        auto dn = Dn::parse(line.value);
        if (!dn) {
            return Error(
                Errc::syntax,
                fmt::format("'{}' is not a DN: {}", line.value, dn.error().what),
                line.number
            );
        }
        auto const [at, added] = lines_.emplace(dn->key(), line.number);
        if (!added) {
            return Error(
                Errc::duplicate_entry,
                fmt::format("'{}' is already in line {}", line.value, at->second),
                line.number
            );
        }
        return Entry(std::move(*dn));
    }

    [[nodiscard]] static std::optional<Error> add(Entry& entry, Line const& line) {
        if (is(line, "changetype") || is(line, "control")) {
            return Error(
                Errc::unsupported,
                fmt::format("'{}:': change records are not read, only entries", line.name),
                line.number
            );
        }
        if (is(line, "dn")) {
            return Error(Errc::syntax, "a blank line is missing before this 'dn:'", line.number);
        }
        entry.add(line.name, std::string(line.value));
        return std::nullopt;
    }

    std::vector<Entry> entries_;
    std::unordered_map<std::string, std::size_t> lines_;  // by DN key
    bool version_seen_ = false;
};

[[nodiscard]] std::size_t line_at(std::string_view text, std::size_t offset) {
    auto const before = text.substr(0, offset);
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

// CRLF to LF. A lone CR is refused: ldif_getline uses it as a mark of its own.
[[nodiscard]] Result<std::string> without_cr(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        auto const cr = std::min(text.find('\r', at), text.size());
        out.append(text.substr(at, cr - at));
        if (cr < text.size() && (cr + 1 == text.size() || text[cr + 1] != '\n')) {
            return Error(Errc::syntax, "a CR without LF", line_at(text, cr));
        }
        at = cr + 1;
    }
    return out;
}

}  // namespace

Result<std::vector<Entry>> parse_ldif(std::string_view text) {
    if (text.size() > max_ldif_size) return Error(Errc::syntax, "more than 2 GiB of LDIF");
    if (auto const nul = text.find('\0'); nul != std::string_view::npos) {
        return Error(Errc::syntax, "a NUL octet; is this a text file?", line_at(text, nul));
    }
    std::string copy;
    if (text.find('\r') != std::string_view::npos) {
        auto plain = without_cr(text);
        if (!plain) return plain.error();
        copy = std::move(*plain);
        text = copy;
    }
    Reader reader;
    if (auto error = reader.read(text)) return *error;
    return reader.take();
}

Result<std::vector<Entry>> read_ldif(std::filesystem::path const& file) {
    auto const unreadable = [&](std::string_view why) {
        return Error(Errc::file, fmt::format("{}: {}", file.string(), why));
    };
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code)) {
        return unreadable(code ? code.message() : "is not a file");
    }
    auto const size = std::filesystem::file_size(file, code);
    if (code) return unreadable(code.message());
    if (size > max_ldif_size) return unreadable("has more than 2 GiB");
    std::ifstream in(file, std::ios::binary);
    if (!in) return unreadable("cannot be opened");
    std::string text(size, '\0');
    in.read(text.data(), static_cast<std::streamsize>(size));
    if (in.gcount() != static_cast<std::streamsize>(size)) return unreadable("cannot be read");
    auto entries = parse_ldif(text);
    if (entries) return entries;
    auto const& error = entries.error();
    return Error(
        error.code, fmt::format("{}:{}: {}", file.string(), error.at, error.what), error.at
    );
}

std::string to_ldif(Entry const& entry) {
    std::string out;
    auto const put = [&out](std::string const& name, std::string_view value) {
        char* const line =
            ldif_put(LDIF_PUT_VALUE, name.c_str(), value.data(), ber_len_t{value.size()});
        if (line == nullptr) throw std::bad_alloc();
        out += line;
        ber_memfree(line);
    };
    put("dn", entry.dn().text());
    for (auto const& attribute : entry.attributes()) {
        for (auto const& value : attribute.values) put(attribute.name, value);
    }
    out.push_back('\n');
    return out;
}

}  // namespace splitmx::ldap
