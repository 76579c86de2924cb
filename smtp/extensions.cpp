#include "smtp/extensions.hpp"

#include "mail/letter_case.hpp"
#include "smtp/syntax.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace splitmx::smtp {

namespace {

constexpr std::array<std::pair<Extension, std::string_view>, 8> keywords{{
    {Extension::pipelining, "PIPELINING"},
    {Extension::size, "SIZE"},
    {Extension::eight_bit_mime, "8BITMIME"},
    {Extension::smtputf8, "SMTPUTF8"},
    {Extension::dsn, "DSN"},
    {Extension::enhanced_status_codes, "ENHANCEDSTATUSCODES"},
    {Extension::starttls, "STARTTLS"},
    {Extension::auth, "AUTH"},
}};

}  // namespace

Extensions::Extensions(std::initializer_list<Extension> offered) {
    for (auto const extension : offered) add(extension);
}

Extensions always_offered() {
    using enum Extension;
    return {pipelining, size, eight_bit_mime, smtputf8, dsn, enhanced_status_codes};
}

std::vector<std::string> ehlo_lines(
    std::string_view hostname, Extensions const& offered, std::uint64_t max_message
) {
    std::vector<std::string> lines{std::string(hostname)};
    for (auto const& [extension, keyword] : keywords) {
        if (!offered.has(extension)) continue;
        lines.emplace_back(keyword);
        if (extension == Extension::auth) lines.back() += " PLAIN LOGIN";
        if (extension == Extension::size) lines.back() += fmt::format(" {}", max_message);
    }
    return lines;
}

Extensions Extensions::parse(std::string_view reply_text) {
    Extensions offered;
    auto end = reply_text.find('\n');
    while (end != std::string_view::npos) {
        reply_text.remove_prefix(end + 1);
        end = reply_text.find('\n');
        offered.add_line(reply_text.substr(0, end));
    }
    return offered;
}

void Extensions::add_line(std::string_view line) {
    auto const blank = line.find(' ');
    for (auto const& [extension, keyword] : keywords) {
        if (!mail::equal_no_case(line.substr(0, blank), keyword)) continue;
        add(extension);
        if (blank == std::string_view::npos) continue;
        if (extension == Extension::auth) add_mechanisms(line.substr(blank + 1));
        if (extension != Extension::size) continue;
        auto const value = line.substr(blank + 1);
        // A number nobody can read is no limit (RFC 1870 4: the parameter is optional).
        std::uint64_t limit = 0;
        auto const parsed = std::from_chars(value.data(), value.data() + value.size(), limit);
        if (parsed.ec == std::errc{}) size_limit_ = limit;
    }
}

// PLAIN first: one exchange, and a standard.
void Extensions::add_mechanisms(std::string_view names) {
    while (!names.empty()) {
        auto const blank = names.find(' ');
        auto const known = mechanism_named(names.substr(0, blank));
        if (known && mechanism_ != Mechanism::plain) mechanism_ = known;
        names = blank == std::string_view::npos ? std::string_view{} : names.substr(blank + 1);
    }
}

}  // namespace splitmx::smtp
