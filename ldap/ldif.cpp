#include "ldap/ldif.hpp"

#include "ldap/ldif_record.hpp"

#include <fmt/core.h>

#include <optional>
#include <unordered_map>
#include <utility>

namespace splitmx::ldap {

namespace {

class Reader {
public:
    // `text` has LF only. Gives the error, if any.
    [[nodiscard]] std::optional<Error> read(std::string_view text) {
        LdifParts parts(text);
        while (auto const part = parts.next()) {
            if (auto error = read_record(part->text, part->line)) return error;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::vector<Entry> take() { return std::move(entries_); }

private:
    [[nodiscard]] std::optional<Error> read_record(std::string_view text, std::size_t first_line) {
        LdifRecord record(text, first_line);
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

    [[nodiscard]] static bool is(LdifLine const& line, std::string_view name) noexcept {
        return equal_no_case(line.name, name);
    }

    [[nodiscard]] Result<Entry> begin_entry(LdifLine const& line) {
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

    [[nodiscard]] static std::optional<Error> add(Entry& entry, LdifLine const& line) {
        if (is(line, "changetype") || is(line, "control")) {
            return Error(
                Errc::unsupported,
                fmt::format("'{}:': change records are not read, only entries", line.name),
                line.number
            );
        }
        if (line.name == "-") return Error(Errc::syntax, "'-' is for change records", line.number);
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

}  // namespace

Result<std::vector<Entry>> parse_ldif(std::string_view text) {
    auto const plain = plain_ldif(text);
    if (!plain) return plain.error();
    Reader reader;
    if (auto error = reader.read(*plain)) return *error;
    return reader.take();
}

Result<std::vector<Entry>> read_ldif(std::filesystem::path const& file) {
    auto const text = read_ldif_text(file);
    if (!text) return text.error();
    auto entries = parse_ldif(*text);
    if (entries) return entries;
    return in_file(file, entries.error());
}

std::string to_ldif(Entry const& entry) {
    auto out = ldif_line("dn", entry.dn().text());
    for (auto const& attribute : entry.attributes()) {
        for (auto const& value : attribute.values) out += ldif_line(attribute.name, value);
    }
    out.push_back('\n');
    return out;
}

}  // namespace splitmx::ldap
