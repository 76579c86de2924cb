#include "config/finding.hpp"

#include "mail/mailbox.hpp"
#include "mail/octets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace splitmx::config {

namespace {

constexpr std::size_t columns = 80;

std::size_t count_characters(std::string_view text) {
    auto const continuations = std::count_if(text.begin(), text.end(), mail::is_continuation);
    return text.size() - static_cast<std::size_t>(continuations);
}

std::string line_of(std::string_view source, std::size_t number) {
    for (std::size_t line = 1; line < number; ++line) {
        auto const end = source.find('\n');
        if (end == std::string_view::npos) return {};
        source.remove_prefix(end + 1);
    }
    std::string text(source.substr(0, source.find('\n')));
    if (text.ends_with('\r')) text.pop_back();
    // A tab is one column for the parser, and so it must be for the caret below it.
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' '
    );
    return text;
}

// Some characters of a text.
std::string_view characters(std::string_view text, std::size_t from, std::size_t count) {
    auto const octets_of = [](std::string_view of, std::size_t number) {
        std::size_t octet = 0;
        for (std::size_t seen = 0; octet < of.size(); ++octet) {
            if (!mail::is_continuation(of[octet]) && seen++ == number) break;
        }
        return octet;
    };
    text.remove_prefix(octets_of(text, from));
    return text.substr(0, octets_of(text, count));
}

// The part of a line of the file that is shown, and where in it the mark begins.
struct Excerpt {
    std::string text;
    std::size_t start = 0;   // in characters
    std::size_t marked = 1;  // as many
};

// A long line is cut around the place, so that the caret stands below it on any terminal.
Excerpt excerpt_of(
    std::string const& line, std::size_t start, std::size_t length, std::size_t margin
) {
    constexpr std::size_t before = 24;  // characters that are shown ahead of the place
    constexpr std::string_view more = "...";
    auto const width = count_characters(line);
    auto const room = width > start ? width - start : 1;
    Excerpt whole{line, start, std::clamp<std::size_t>(length, 1, room)};
    auto const space = columns - margin;
    if (width <= space) return whole;
    bool const is_near = start + std::min(whole.marked, before) + more.size() <= space;
    auto const from = is_near ? 0 : start - std::min(start, before);
    auto const head = from > 0 ? more : std::string_view();
    bool const is_cut = width - from > space - head.size();
    auto const shown = space - head.size() - (is_cut ? more.size() : 0);
    Excerpt part;
    part.text = fmt::format("{}{}{}", head, characters(line, from, shown), is_cut ? more : "");
    part.start = head.size() + start - from;
    part.marked = std::min(whole.marked, space - part.start);
    return part;
}

// The hint stands beside the mark, or below it where there is no place.
std::string caret_line(Excerpt const& excerpt, std::size_t margin, std::string const& hint) {
    auto line = fmt::format("{:{}}^{:~>{}}", "", margin + excerpt.start, "", excerpt.marked - 1);
    if (hint.empty()) return line + "\n";
    bool const fits = count_characters(line) + 2 + count_characters(hint) <= columns;
    if (fits) return fmt::format("{}  {}\n", line, hint);
    std::string text = line + "\n";
    std::string below;
    for (std::string_view rest = hint; !rest.empty();) {
        auto const word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        auto const width = margin + count_characters(below) + 1 + count_characters(word);
        if (!below.empty() && width > columns) {
            text += fmt::format("{:{}}{}\n", "", margin, std::exchange(below, {}));
        }
        if (!below.empty()) below += ' ';
        below += word;
    }
    return text + fmt::format("{:{}}{}\n", "", margin, below);
}

std::string_view to_text(Severity severity) {
    return severity == Severity::error ? "error" : "warning";
}

}  // namespace

void Findings::error(SourcePosition position, std::string text, std::string hint) {
    findings_.push_back({Severity::error, position, std::move(text), std::move(hint)});
}

void Findings::warning(SourcePosition position, std::string text, std::string hint) {
    findings_.push_back({Severity::warning, position, std::move(text), std::move(hint)});
}

bool Findings::has_errors() const {
    return std::any_of(findings_.begin(), findings_.end(), [](Finding const& finding) {
        return finding.severity == Severity::error;
    });
}

void Findings::sort() {
    auto const place = [](Finding const& finding) {
        auto const& [line, column, length] = finding.position;
        bool const has_place = line > 0;
        return std::tuple{finding.severity, !has_place, line, column};
    };
    std::stable_sort(findings_.begin(), findings_.end(), [&](auto const& a, auto const& b) {
        return place(a) < place(b);
    });
}

std::string render(Finding const& finding, std::string_view file, std::string_view source) {
    auto const& [line, column, length] = finding.position;
    auto const severity = to_text(finding.severity);
    // Both may quote the file, and a terminal must not obey what stands in it.
    auto const text = mail::to_log_text(finding.text);
    auto const hint = mail::to_log_text(finding.hint);
    if (line == 0) {
        auto whole = fmt::format("{}: {}: {}\n", file, severity, text);
        if (!hint.empty()) whole += fmt::format("  {}\n", hint);
        return whole;
    }
    auto const margin = fmt::format("  {} | ", line);
    auto const excerpt =
        excerpt_of(line_of(source, line), column == 0 ? 0 : column - 1, length, margin.size());
    return fmt::format(
        "{}:{}:{}: {}: {}\n{}{}\n{}",
        file,
        line,
        column,
        severity,
        text,
        margin,
        excerpt.text,
        caret_line(excerpt, margin.size(), hint)
    );
}

std::string render(Findings const& findings, std::string_view file, std::string_view source) {
    std::string text;
    for (auto const& finding : findings.all()) text += render(finding, file, source);
    return text;
}

}  // namespace splitmx::config
