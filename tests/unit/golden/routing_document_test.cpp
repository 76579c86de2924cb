// docs/routing.md lists every rule and every reason that the code has, docs/lint.md every rule of
// lint. ACCEPT=1 writes the lists.
#include "lint/rule.hpp"
#include "mail/reason.hpp"
#include "resolver/rule.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

using namespace splitmx;

namespace {

std::filesystem::path const docs = std::filesystem::path(SPLITMX_SOURCE_DIR) / "docs";

std::string rules_table() {
    std::string table = "| rule | meaning | source |\n|---|---|---|\n";
    for (auto const& rule : resolver::all_rules()) {
        table += fmt::format("| `{}` | {} | {} |\n", rule.id, rule.meaning, rule.source);
    }
    return table;
}

std::string reasons_table() {
    std::string table = "| reason | reply | meaning |\n|---|---|---|\n";
    for (auto const& reason : mail::all_reasons()) {
        auto const status = mail::status_of(reason.reason);
        auto const reply = reason.reason == mail::Reason::ambiguous
                               ? "451 4.1.4, or 550 5.1.4"
                               : fmt::format("{} {}", status.code, status.enhanced_text());
        table += fmt::format("| `{}` | {} | {} |\n", reason.id, reply, reason.meaning);
    }
    return table;
}

std::string lint_table() {
    std::string table = "| id | name | severity | meaning | source |\n|---|---|---|---|---|\n";
    for (auto const& rule : lint::all_rules()) {
        table += fmt::format(
            "| `{}` | `{}` | {} | {} | {} |\n",
            rule.id,
            rule.name,
            lint::to_text(rule.severity),
            rule.meaning,
            rule.source
        );
    }
    return table;
}

std::string read(std::filesystem::path const& document) {
    std::ifstream file(document);
    return {std::istreambuf_iterator<char>(file), {}};
}

void compare(std::filesystem::path const& document, std::string const& expected) {
    if (std::getenv("ACCEPT"))
        std::ofstream(document) << expected;
    else
        CHECK(read(document) == expected);
}

std::string with_list(std::string const& text, std::string const& name, std::string const& table) {
    auto const mark = text.find("<!-- " + name + ":");
    auto const begin = text.find('\n', mark) + 1;
    auto const end = text.find("<!-- end -->", begin);
    REQUIRE(mark != std::string::npos);
    REQUIRE(end != std::string::npos);
    return text.substr(0, begin) + table + text.substr(end);
}

}  // namespace

TEST_CASE("docs/routing.md lists the rules and reasons of the code") {
    auto const text = read(docs / "routing.md");
    compare(
        docs / "routing.md",
        with_list(with_list(text, "rules", rules_table()), "reasons", reasons_table())
    );
}

TEST_CASE("docs/lint.md lists the rules of lint") {
    compare(docs / "lint.md", with_list(read(docs / "lint.md"), "rules", lint_table()));
}

TEST_CASE("rules and reasons have ids of their own") {
    std::set<std::string_view> rules;
    for (auto const& rule : resolver::all_rules()) CHECK(rules.insert(rule.id).second);
    std::set<std::string_view> of_lint;
    for (auto const& rule : lint::all_rules()) {
        CHECK(of_lint.insert(rule.id).second);
        CHECK(of_lint.insert(rule.name).second);
        CHECK(lint::rule_from(rule.id) == rule.rule);
        CHECK(lint::rule_from(rule.name) == rule.rule);
    }
    std::set<std::string_view> reasons;
    for (auto const& reason : mail::all_reasons()) {
        CHECK(reasons.insert(reason.id).second);
        CHECK(mail::reason_from_id(reason.id) == reason.reason);
    }
    CHECK_FALSE(mail::reason_from_id("no such reason"));
}
