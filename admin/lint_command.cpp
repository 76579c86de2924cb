#include "admin/lint_command.hpp"

#include "admin/ask_dns.hpp"
#include "admin/world.hpp"
#include "lint/lint.hpp"
#include "lint/repair.hpp"
#include "lint/text.hpp"

#include <boost/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

namespace splitmx::admin {

namespace {

namespace json = boost::json;

// Which findings are wanted.
struct Selection {
    std::vector<lint::Rule> rules;  // empty: all
    lint::Severity least = lint::Severity::info;

    bool has(lint::Rule rule) const {
        return rules.empty() || std::find(rules.begin(), rules.end(), rule) != rules.end();
    }
};

std::optional<Selection> read_selection(LintOptions const& options, std::ostream& error) {
    Selection selection;
    for (std::size_t at = 0; at < options.rules.size();) {
        auto const end = std::min(options.rules.find(',', at), options.rules.size());
        auto const word = options.rules.substr(at, end - at);
        auto const rule = lint::rule_from(word);
        if (!rule) {
            error << "splitmx directory lint: there is no rule \"" << word
                  << "\"; docs/lint.md lists them\n";
            return std::nullopt;
        }
        selection.rules.push_back(*rule);
        at = end + 1;
    }
    if (options.severity.empty()) return selection;
    auto const severity = lint::severity_from(options.severity);
    if (!severity) {
        error << "splitmx directory lint: --severity is error, warning or info\n";
        return std::nullopt;
    }
    selection.least = *severity;
    return selection;
}

bool write_repair(std::string const& file, lint::Repair const& repair, Context const& context) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out
        << (repair.ldif.empty() ? "# splitmx directory lint has nothing to propose.\n" : repair.ldif
           );
    out.close();
    if (!out) {
        context.streams.error << "splitmx directory lint: cannot write " << file << "\n";
        return false;
    }
    context.streams.error << fmt::format(
        "{}: {} change{} proposed", file, repair.records, repair.records == 1 ? "" : "s"
    );
    if (repair.choices > 0) {
        context.streams.error << fmt::format(
            ", {} choice{} left to you", repair.choices, repair.choices == 1 ? "" : "s"
        );
    }
    context.streams.error << "; nothing was changed\n";
    return true;
}

void print(
    lint::Findings const& findings,
    World const& world,
    LintOptions const& options,
    std::ostream& output
) {
    for (auto const& finding : findings) {
        if (options.json) {
            output << to_json(finding, world.listing) << "\n";
        } else {
            output << lint::to_text(finding, options.all) << "\n";
        }
    }
}

// Changes are made to entries, and the relay knows recipients only.
std::variant<World, ExitCode> world_for(LintOptions const& options, Context const& context) {
    bool const needs_entries = !options.fix_ldif.empty() || !options.with_ldif.empty();
    if (!options.server && !needs_entries) return world_from_relay(context, "directory lint");
    if (!options.server) {
        context.streams.error << fmt::format(
            "note: {} needs whole entries: the server itself is read\n",
            options.fix_ldif.empty() ? "--with-ldif" : "--fix-ldif"
        );
    }
    return load_world(context, "directory lint", options.with_ldif);
}

// Would --fix-ldif have something to write? Without entries nobody can tell exactly.
bool has_remedies(lint::Findings const& findings, World const& world, bool entries) {
    if (entries) return !lint::repair(findings, world.listing).ldif.empty();
    return std::any_of(findings.begin(), findings.end(), [](lint::Finding const& one) {
        return !one.remedies.empty();
    });
}

}  // namespace

std::string to_json(lint::Finding const& finding, schema::Listing const& listing) {
    auto const& rule = lint::info(finding.rule);
    json::array entries;
    for (auto const& place : finding.places) {
        json::object entry;
        entry["dn"] = mail::to_log_text(place.dn);
        entry["detail"] = place.detail;
        entries.push_back(std::move(entry));
    }
    auto const fix = lint::repair_ldif(finding, listing);
    auto const or_null = [](std::string const& text) {
        return text.empty() ? json::value(nullptr) : json::value(text);
    };
    json::object object;
    object["id"] = rule.id;
    object["name"] = rule.name;
    object["severity"] = lint::to_text(rule.severity);
    object["text"] = finding.text;
    object["advice"] = finding.advice;
    object["source"] = or_null(finding.source);
    object["entries"] = std::move(entries);
    object["fix"] = or_null(fix);
    return json::serialize(object);
}

ExitCode lint_directory(LintOptions const& options, Context const& context) {
    auto const selection = read_selection(options, context.streams.error);
    if (!selection) return ExitCode::usage;
    auto loaded = world_for(options, context);
    if (auto const* code = std::get_if<ExitCode>(&loaded)) return *code;
    auto const& world = std::get<World>(loaded);
    lint::People const people(world.listing);
    auto const& table = world.config.routing;
    lint::DnsFacts facts;
    if (options.dns) {
        auto asked = ask_dns(lint::dns_questions(people, table), world.config);
        if (!asked) {
            context.streams.error << "splitmx directory lint: " << asked.error().what << "\n";
            return ExitCode::unavailable;
        }
        facts = std::move(*asked);
    }
    auto findings = lint::lint(people, table, facts);
    std::erase_if(findings, [&](lint::Finding const& one) { return !selection->has(one.rule); });
    auto const counts = lint::count(findings);
    std::erase_if(findings, [&](lint::Finding const& one) {
        return lint::info(one.rule).severity < selection->least;
    });
    print(findings, world, options, context.streams.output);
    if (!options.json) {
        context.streams.output << lint::summary(counts, people.all().size()) << "\n";
    }
    if (!options.fix_ldif.empty()) {
        auto const repair = lint::repair(findings, world.listing);
        if (!write_repair(options.fix_ldif, repair, context)) return ExitCode::cannot_create;
    } else if (!options.json) {
        if (has_remedies(findings, world, options.server)) {
            context.streams.output << "Suggested changes: --fix-ldif FILE\n";
        }
    }
    return counts.errors > 0 ? ExitCode::bad_data : ExitCode::ok;
}

}  // namespace splitmx::admin
