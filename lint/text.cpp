#include "lint/text.hpp"

#include "lint/checks.hpp"
#include "lint/wrap.hpp"

#include <fmt/format.h>

namespace splitmx::lint {

namespace {

constexpr std::size_t text_indent = 7;
constexpr std::size_t place_indent = 9;

std::string blanks(std::size_t number) { return std::string(number, ' '); }

// An entry with what is said of it beside or below; an entry that was named just before is not
// named again.
std::string place_text(Place const& place, Place const* before) {
    auto const dn = mail::to_log_text(place.dn);
    bool const again = before && before->dn == place.dn;
    auto line = blanks(place_indent) + dn;
    if (place.detail.empty()) return again ? "" : line + "\n";
    auto const below = blanks(place_indent + 2) + place.detail + "\n";
    if (again) return below;
    if (line.size() + 2 + place.detail.size() <= line_width)
        return line + "  " + place.detail + "\n";
    return line + "\n" + below;
}

std::string_view label(Severity severity) {
    return severity == Severity::warning ? "warn" : to_text(severity);
}

}  // namespace

std::string to_text(Finding const& finding, bool all_places) {
    auto const& rule = info(finding.rule);
    auto head = fmt::format("{:<6} {} {:<20} ", label(rule.severity), rule.id, rule.name);
    auto text = wrapped(std::move(head), finding.text, text_indent);
    if (!finding.source.empty()) text += blanks(place_indent) + finding.source + "\n";
    auto const number = finding.places.size();
    auto const shown = all_places || number <= shown_places ? number : std::size_t{3};
    for (std::size_t i = 0; i < shown; ++i) {
        text += place_text(finding.places[i], i > 0 ? &finding.places[i - 1] : nullptr);
    }
    if (shown < number) {
        text += fmt::format("{}... and {} more\n", blanks(place_indent), number - shown);
    }
    if (finding.advice.empty()) return text;
    return text + wrapped(blanks(text_indent) + "-> ", finding.advice, text_indent + 3);
}

std::string summary(Counts const& counts, std::size_t recipients) {
    auto text = counted(counts.errors, "error", "errors") + ", " +
                counted(counts.warnings, "warning", "warnings");
    if (counts.infos > 0) text += fmt::format(", {} for information", counts.infos);
    return fmt::format("{} in {}.", text, counted(recipients, "recipient", "recipients"));
}

}  // namespace splitmx::lint
