// What lint looks for: one enumerator each, with an id that never changes, a name, a severity and
// its source. docs/lint.md lists them; golden data has a case for each and one against it.
// Threads: constants. Source: the articles named; Q258203 above all.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace splitmx::lint {

// Error: mail is refused or lost in a circle. Warning: something is not as somebody meant it. Info:
// good to know.
enum class Severity { info, warning, error };

enum class Rule {
    duplicate_address,
    loop,
    foreign_type,
    own_host,
    no_target,
    no_route,
    malformed_target,
    unknown_host,
    missing_alternate,
    malformed_address,
    unused_domain,
    not_asked,
    empty_domain,
    subdomain_elsewhere,
    host_only,
    relay_without_host,
    group_cycle,
    empty_group,
    missing_member,
    restriction_nobody,
    odd_value,
    disabled_address,
    target_is_mailbox,
    non_ascii,
    postmaster,
    mx_elsewhere,
    host_not_found,
};

struct RuleInfo {
    Rule rule;
    std::string_view id;    // "D001"
    std::string_view name;  // "duplicate-address"
    Severity severity;
    std::string_view meaning;  // one sentence for an administrator
    std::string_view source;   // articles or RFC sections
};

std::span<RuleInfo const> all_rules();
RuleInfo const& info(Rule rule);
// By id or name, in any case.
std::optional<Rule> rule_from(std::string_view text);

std::string_view to_text(Severity severity);  // "error", "warning", "info"
std::optional<Severity> severity_from(std::string_view text);

}  // namespace splitmx::lint
