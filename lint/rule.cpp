#include "lint/rule.hpp"

#include "ldap/entry.hpp"

#include <algorithm>
#include <array>

namespace splitmx::lint {

namespace {

constexpr std::array<RuleInfo, 27> registry{{
    {Rule::duplicate_address,
     "D001",
     "duplicate-address",
     Severity::error,
     "Two or more entries hold one address; case, quoting and hidden entries count.",
     "Q251152, Q192583"},
    {Rule::loop,
     "D002",
     "loop",
     Severity::error,
     "The target of a custom recipient, or an alternate recipient, leads back or to nobody.",
     "Q146126, Q262124"},
    {Rule::foreign_type,
     "D003",
     "foreign-type",
     Severity::error,
     "A recipient of another connector holds an SMTP address of a domain of ours.",
     "Q258203, Q148985"},
    {Rule::own_host,
     "D004",
     "own-host",
     Severity::error,
     "The host that mail would go to is this machine.",
     "Q146126, Q182406"},
    {Rule::no_target,
     "D005",
     "no-target",
     Severity::error,
     "A custom recipient has no target address.",
     "Q148985"},
    {Rule::no_route,
     "D006",
     "no-route",
     Severity::error,
     "A mailbox has no host: neither its entry nor [routing] names one that can be used.",
     "Q148985"},
    {Rule::malformed_target,
     "D007",
     "malformed-target",
     Severity::error,
     "The target of a recipient is no mail address.",
     "Q230331, Q258704"},
    {Rule::unknown_host,
     "D008",
     "unknown-host",
     Severity::warning,
     "An entry names a host that is no [host.NAME] and no full host name.",
     "Q148985"},
    {Rule::missing_alternate,
     "D009",
     "missing-alternate",
     Severity::error,
     "The alternate recipient of a mailbox is not there.",
     "Q255697, Q273907"},
    {Rule::malformed_address,
     "D010",
     "malformed-address",
     Severity::warning,
     "A value that should be an address is none, so no mail comes in for it.",
     "Q257578, Q230331, Q258704, Q166247"},
    {Rule::unused_domain,
     "D011",
     "unused-domain",
     Severity::warning,
     "Recipients hold addresses in a domain that nothing accepts.",
     "Q156063, Q249100, Q291086"},
    {Rule::not_asked,
     "D012",
     "not-asked",
     Severity::warning,
     "An address stands in a domain for which the directory is not asked.",
     "Q174351, Q307628"},
    {Rule::empty_domain,
     "D013",
     "empty-domain",
     Severity::warning,
     "A domain is accepted as ours, but nobody has an address in it.",
     "Q264557, Q174351"},
    {Rule::subdomain_elsewhere,
     "D014",
     "subdomain-elsewhere",
     Severity::warning,
     "A subdomain is accepted with its parent, but another system serves it.",
     "Q217217, Q259531"},
    {Rule::host_only,
     "D015",
     "host-only",
     Severity::warning,
     "A domain has a host, but nothing accepts it and no target lies in it.",
     "Q201127, Q259531"},
    {Rule::relay_without_host,
     "D016",
     "relay-without-host",
     Severity::warning,
     "A domain is relayed without a host: its MX decides, which may be this machine.",
     "Q190021, Q260247"},
    {Rule::group_cycle,
     "D017",
     "group-cycle",
     Severity::warning,
     "Groups contain each other in a circle.",
     "Q166654, Q164850"},
    {Rule::empty_group,
     "D018",
     "empty-group",
     Severity::error,
     "A group stands for nobody.",
     "Q246881"},
    {Rule::missing_member,
     "D019",
     "missing-member",
     Severity::warning,
     "A member of a group is no recipient.",
     "Q246881"},
    {Rule::restriction_nobody,
     "D020",
     "restriction-nobody",
     Severity::warning,
     "A restriction names an entry that is no recipient.",
     "Q250521, Q264020"},
    {Rule::odd_value,
     "D021",
     "odd-value",
     Severity::warning,
     "A value does not mean what it seems to: several where one counts, or no value of its kind.",
     "Q166905"},
    {Rule::disabled_address,
     "D022",
     "disabled-address",
     Severity::info,
     "Disabled entries hold addresses: their mail is refused.",
     "Q238013"},
    {Rule::target_is_mailbox,
     "D023",
     "target-is-mailbox",
     Severity::info,
     "The target of a custom recipient is an address of a mailbox here.",
     "Q262124"},
    {Rule::non_ascii,
     "D024",
     "non-ascii",
     Severity::info,
     "Only senders with SMTPUTF8 can write to such an address.",
     "RFC 6531 3.2"},
    {Rule::postmaster,
     "D025",
     "postmaster",
     Severity::error,
     "Mail for the postmaster of a domain of ours leads nowhere.",
     "Q242387, RFC 5321 4.5.1"},
    {Rule::mx_elsewhere,
     "D030",
     "mx-elsewhere",
     Severity::warning,
     "The mail exchangers of a domain of ours are not this machine (--dns).",
     "Q190021, RFC 5321 5.1"},
    {Rule::host_not_found,
     "D031",
     "host-not-found",
     Severity::error,
     "A host that mail goes to has no address (--dns).",
     "Q201127, Q182406"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < registry.size(); ++i) {
        if (static_cast<std::size_t>(registry[i].rule) != i) return false;
    }
    return true;
}
static_assert(in_order(), "the registry is indexed by the enumerator");

}  // namespace

std::span<RuleInfo const> all_rules() { return registry; }

RuleInfo const& info(Rule rule) { return registry[static_cast<std::size_t>(rule)]; }

std::optional<Rule> rule_from(std::string_view text) {
    auto const found = std::find_if(registry.begin(), registry.end(), [text](auto const& rule) {
        return ldap::equal_no_case(rule.id, text) || ldap::equal_no_case(rule.name, text);
    });
    if (found == registry.end()) return std::nullopt;
    return found->rule;
}

std::string_view to_text(Severity severity) {
    constexpr std::array<std::string_view, 3> words{"info", "warning", "error"};
    return words[static_cast<std::size_t>(severity)];
}

std::optional<Severity> severity_from(std::string_view text) {
    for (auto const severity : {Severity::info, Severity::warning, Severity::error}) {
        if (ldap::equal_no_case(text, to_text(severity))) return severity;
    }
    if (ldap::equal_no_case(text, "warn")) return Severity::warning;
    return std::nullopt;
}

}  // namespace splitmx::lint
