#include "control/decision_text.hpp"

#include <fmt/format.h>

namespace splitmx::control {

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t step_indent = 15;

std::string_view verb(resolver::Verdict verdict) {
    switch (verdict) {
        case resolver::Verdict::deliver:
            return "delivered";
        case resolver::Verdict::refuse:
            return "refused";
        case resolver::Verdict::defer:
            return "deferred";
        case resolver::Verdict::bounce:
            return "accepted, then returned";
    }
    return {};
}

std::string route_text(resolver::Route const& route) {
    auto const host = mail::to_log_text(route.host->name);
    return fmt::format("{}  RCPT TO:{}", host, route.rcpt.to_log());
}

// `given` in lines of at most 80 columns behind `indent` blanks; the first line is not indented.
// It may quote the directory or a client: a terminal must not obey what stands in it.
std::string wrap(std::string_view given, std::size_t indent) {
    auto const shown = mail::to_log_text(given);
    std::string_view text = shown;
    std::string out;
    std::size_t column = indent;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > width) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

// The part of a rule's id before the dot is the step's topic.
std::string_view topic(resolver::Rule rule) {
    auto const id = resolver::to_id(rule);
    return id.substr(0, id.find('.'));
}

std::string step_text(std::size_t number, resolver::TraceStep const& step) {
    auto const& rule = resolver::info(step.rule);
    auto text =
        fmt::format("{:>3} {:<10} {}\n", number, topic(step.rule), wrap(step.subject, step_indent));
    std::string const margin(step_indent, ' ');
    if (!step.source.empty() && step.source != step.subject) {
        text += margin + wrap(step.source, step_indent) + "\n";
    }
    auto const meaning = fmt::format("{} [{}; {}]", rule.meaning, rule.id, rule.source);
    return text + margin + wrap(meaning, step_indent) + "\n";
}

// The first line of an answer, in its parts.
struct Headline {
    std::string outcome;  // "zoe@contoso.com  ->  refused"
    std::string detail;
    std::string_view reason;
};

Headline headline(std::string_view address, resolver::Decision const& decision) {
    auto const shown = mail::to_log_text(address);
    auto const reason = mail::to_id(decision.reason);
    if (decision.verdict != resolver::Verdict::deliver) {
        return {
            fmt::format("{}  ->  {}", shown, verb(decision.verdict)),
            decision.status.to_log(),
            reason};
    }
    if (decision.routes.size() != 1) {
        return {shown + "  ->", fmt::format("{} copies", decision.routes.size()), reason};
    }
    auto const& route = decision.routes.front();
    return {
        fmt::format("{}  ->  {}", shown, mail::to_log_text(route.host->name)),
        "RCPT TO:" + route.rcpt.to_log(),
        reason};
}

// What stands below it: every copy, and who gets none.
std::string below(resolver::Decision const& decision) {
    std::string text;
    bool const in_copies =
        decision.verdict == resolver::Verdict::deliver && decision.routes.size() != 1;
    if (in_copies) {
        for (auto const& route : decision.routes) {
            text += fmt::format("    {}  {}\n", route_text(route), resolver::to_text(route.kind));
        }
    }
    for (auto const& failed : decision.failed) {
        text += fmt::format(
            "    failed  {}  {}  {}\n",
            mail::to_log_text(failed.rcpt),
            failed.status.to_log(),
            mail::to_id(failed.reason)
        );
    }
    return text;
}

std::string directory_text(directory::Health const& health) {
    auto text = fmt::format("{}", directory::to_text(health.state));
    if (health.age_s >= 1) text += fmt::format(", last heard of {:.0f} s ago", health.age_s);
    return text;
}

}  // namespace

std::string summary(std::string_view address, resolver::Decision const& decision) {
    auto const line = headline(address, decision);
    return fmt::format("{}  {}  {}\n{}", line.outcome, line.detail, line.reason, below(decision));
}

std::string explanation(
    std::string_view address, resolver::Decision const& decision, directory::Health const& directory
) {
    auto const line = headline(address, decision);
    auto text = summary(address, decision);
    if (text.find('\n') > width) {
        text = fmt::format(
            "{}  {}\n    {}\n{}", line.outcome, line.reason, wrap(line.detail, 4), below(decision)
        );
    }
    text += "\n";
    std::size_t number = 0;
    for (auto const& step : decision.trace) text += step_text(++number, step);
    auto const& status = decision.status;
    auto const reply = decision.verdict == resolver::Verdict::bounce
                           ? fmt::format("250 2.1.5, then a report with {}", status.to_log())
                           : status.to_log();
    text += explanation_line("answer", reply);
    text += explanation_line("directory", directory_text(directory));
    return text;
}

std::string explanation_line(std::string_view label, std::string_view text) {
    return fmt::format("    {:<10} {}\n", label, wrap(text, step_indent));
}

}  // namespace splitmx::control
