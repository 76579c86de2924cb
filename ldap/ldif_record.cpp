#include "ldap/ldif_record.hpp"

#include "ldap/filter.hpp"
#include "ldap/ldif.hpp"

#include <fmt/core.h>

#include <cstdio>
// ldif.h needs FILE and struct berval, and includes neither.
#include <lber.h>
#include <ldif.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <new>
#include <utility>

namespace splitmx::ldap {

namespace {

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

// libldap unfolds and decodes in place, so it gets a copy. The splitting
// into records is done here and not by ldif_read_record: that one opens the files of "include:"
// lines, and reads out of bounds where a line begins with NUL.
Result<std::optional<LdifLine>> LdifRecord::next() {
    char* const line = ldif_getline(&next_);
    if (line == nullptr) return std::optional<LdifLine>();
    count_to(static_cast<std::size_t>(line - buffer_.data()));
    // ldif_getline leaves '\r' where it joined lines.
    char* const end = std::remove(line, line + std::strlen(line), '\r');
    *end = '\0';
    return parse(line, end);
}

void LdifRecord::count_to(std::size_t offset) {
    auto const skipped = text_.substr(counted_, offset - counted_);
    number_ += static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
    counted_ = offset;
}

Result<std::optional<LdifLine>> LdifRecord::parse(char* line, char* end) const {
    if (*line == ' ' || *line == '\t') {
        return fail(Errc::syntax, "a continuation line without a line before it");
    }
    // RFC 2849: the end of one modification.
    if (std::string_view(line, static_cast<std::size_t>(end - line)) == "-") {
        return std::optional(LdifLine{std::string_view(line, 1), {}, number_});
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
        auto const* const begin =
            std::find_if(colon + 2, static_cast<char const*>(end), [](char c) { return c != ' '; });
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
    return std::optional(LdifLine{name, std::string_view(value.bv_val, value.bv_len), number_});
}

std::optional<LdifPart> LdifParts::next() {
    while (text_.starts_with('\n')) {
        text_.remove_prefix(1);
        ++line_;
    }
    if (text_.empty()) return std::nullopt;
    LdifPart const part{text_.substr(0, text_.find("\n\n")), line_};
    line_ += static_cast<std::size_t>(std::count(part.text.begin(), part.text.end(), '\n'));
    text_.remove_prefix(part.text.size());
    return part;
}

Result<std::string> plain_ldif(std::string_view text) {
    if (text.size() > max_ldif_size) return Error(Errc::syntax, "more than 2 GiB of LDIF");
    if (auto const nul = text.find('\0'); nul != std::string_view::npos) {
        return Error(Errc::syntax, "a NUL octet; is this a text file?", line_at(text, nul));
    }
    return without_cr(text);
}

Result<std::string> read_ldif_text(std::filesystem::path const& file) {
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
    return text;
}

Error in_file(std::filesystem::path const& file, Error const& error) {
    return {error.code, fmt::format("{}:{}: {}", file.string(), error.at, error.what), error.at};
}

std::string ldif_line(std::string_view name, std::string_view value) {
    std::string const type(name);
    char* const line =
        ldif_put(LDIF_PUT_VALUE, type.c_str(), value.data(), ber_len_t{value.size()});
    if (line == nullptr) throw std::bad_alloc();
    std::string text = line;
    ber_memfree(line);
    return text;
}

}  // namespace splitmx::ldap
