#include "config/finding.hpp"

#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::config {

namespace {

bool is_continuation(char octet) { return (static_cast<unsigned char>(octet) & 0xC0U) == 0x80U; }

std::size_t count_characters(std::string_view text) {
    auto const continuations = std::count_if(text.begin(), text.end(), is_continuation);
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
        return std::pair{finding.position.line, finding.position.column};
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
    auto const shown = line_of(source, line);
    auto const width = count_characters(shown);
    auto const start = column == 0 ? 0 : column - 1;
    auto const room = width > start ? width - start : 1;
    auto const marked = std::clamp<std::size_t>(length, 1, room);
    auto const margin = fmt::format("  {} | ", line);
    return fmt::format(
        "{}:{}:{}: {}: {}\n{}{}\n{}^{}{}{}\n",
        file,
        line,
        column,
        severity,
        text,
        margin,
        shown,
        std::string(margin.size() + start, ' '),
        std::string(marked - 1, '~'),
        hint.empty() ? "" : "  ",
        hint
    );
}

std::string render(Findings const& findings, std::string_view file, std::string_view source) {
    std::string text;
    for (auto const& finding : findings.all()) text += render(finding, file, source);
    return text;
}

}  // namespace splitmx::config
