// What the DNS says against what the table says. No answer is no finding.
#include "lint/checks.hpp"

#include <fmt/format.h>

#include <set>

namespace splitmx::lint {

namespace {

// The domains that are ours, as rules name them and as people have them below a rule's name.
std::vector<mail::Domain> own_domains(People const& people, resolver::RoutingTable const& table) {
    std::set<mail::Domain> domains;
    for (auto const& rule : table.acceptance.rules()) {
        if (!std::holds_alternative<resolver::Inbound>(rule.action)) continue;
        if (rule.pattern.coverage == resolver::Coverage::subdomains_only) continue;
        if (!rule.pattern.name.is_literal()) domains.insert(rule.pattern.name);
    }
    std::set<std::string> seen;
    for (auto const& listed : people.all()) {
        for (auto const& address : listed.recipient->addresses) {
            auto const& domain = address.domain();
            if (!seen.insert(domain.text()).second || domain.is_literal()) continue;
            if (inbound_rule(table, domain)) domains.insert(domain);
        }
    }
    return {domains.begin(), domains.end()};
}

void add_names(resolver::Host const& host, std::set<mail::Domain>& names) {
    for (auto const& address : host.addresses) {
        auto const* named = std::get_if<resolver::NamedEndpoint>(&address.endpoint);
        if (named) names.insert(named->name);
    }
}

// A host name of an entry; nothing where it is a [host.NAME] or an address.
std::optional<mail::Domain> name_of_mail_host(
    resolver::RoutingTable const& table, resolver::Recipient const& recipient
) {
    auto const& host = recipient.mail_host;
    if (host.empty() || table.host_named(host)) return std::nullopt;
    auto const address = resolver::HostAddress::parse(host, resolver::Protocol::smtp);
    if (!address) return std::nullopt;
    auto const* named = std::get_if<resolver::NamedEndpoint>(&address->endpoint);
    if (!named || named->name.text().find('.') == std::string::npos) return std::nullopt;
    return named->name;
}

std::string list(std::vector<std::string> const& hosts) {
    std::string text;
    for (std::size_t i = 0; i < hosts.size() && i < 3; ++i) text += (i ? ", " : "") + hosts[i];
    return hosts.size() > 3 ? text + ", ..." : text;
}

void check_exchangers(Scene const& scene, std::string const& domain, MxFact const& fact) {
    auto const name = mail::Domain::parse(domain);
    auto const* rule = name ? inbound_rule(scene.table, *name) : nullptr;
    if (fact.form == MxFact::Form::here || !rule) return;
    bool const below = !(rule->pattern.name == *name);
    Finding finding(below ? Rule::subdomain_elsewhere : Rule::mx_elsewhere, "");
    finding.source = rule->source;
    if (fact.form == MxFact::Form::nobody) {
        finding.text = fmt::format("{} is ours, but the DNS has no mail exchanger for it", domain);
        finding.advice = "point its MX record to this machine";
    } else {
        finding.text = fmt::format(
            "{} is ours{}, but its mail exchangers are others: {}",
            domain,
            below ? " with \"" + rule->pattern.to_text() + "\"" : "",
            list(fact.hosts)
        );
        finding.advice = below ? fmt::format(
                                     "if they serve it: name = \"#{}\" accepts the parent alone",
                                     rule->pattern.name.text()
                                 )
                               : "as it should be where they pass mail on to this machine";
    }
    scene.findings.push_back(std::move(finding));
}

void check_names(Scene const& scene, DnsFacts const& dns) {
    Gathered gathered;
    for (auto const& [host, addresses] : dns.addresses) {
        if (addresses.empty()) gathered.at(host, Rule::host_not_found);
    }
    for (auto const& listed : scene.people.all()) {
        auto const name = name_of_mail_host(scene.table, *listed.recipient);
        auto const fact = name ? dns.addresses.find(name->text()) : dns.addresses.end();
        if (fact == dns.addresses.end() || !fact->second.empty()) continue;
        gathered.at(name->text(), Rule::host_not_found)
            .places.push_back({listed.recipient->name.text, "host " + listed.recipient->mail_host});
    }
    gathered.hand_over(scene.findings, [](std::string const& host, Finding& finding) {
        finding.text = fmt::format("host {} has no address; mail for it waits", host);
        finding.advice = "mend the name, or give it an address in [dns] hosts_file";
    });
}

// A host that the table does not show to be this machine, but the DNS does (Q182406).
void check_host(Scene const& scene, DnsFacts const& dns, resolver::Host const& host) {
    auto const& self = scene.table.self;
    if (host.protocol == resolver::Protocol::lmtp) return;
    for (auto const& address : host.addresses) {
        auto const* named = std::get_if<resolver::NamedEndpoint>(&address.endpoint);
        if (!named || !self.listens_on(named->port) || self.has_name(named->name)) continue;
        auto const fact = dns.addresses.find(named->name.text());
        if (fact == dns.addresses.end()) continue;
        for (auto const& one : fact->second) {
            if (!self.has_address(one)) continue;
            Finding finding(
                Rule::own_host,
                fmt::format(
                    "host \"{}\": {} has the address {}, which is this machine",
                    host.name,
                    address.text,
                    one.to_text()
                )
            );
            finding.source = host.source;
            finding.advice = "name the system behind this one, or another port";
            scene.findings.push_back(std::move(finding));
            break;
        }
    }
}

std::vector<resolver::HostPtr> hosts_of(resolver::RoutingTable const& table) {
    std::map<std::string, resolver::HostPtr> hosts(table.hosts.begin(), table.hosts.end());
    for (auto const& rule : table.delivery.rules()) hosts.emplace(rule.host->name, rule.host);
    for (auto const& host : {table.mailbox_host, table.outbound}) {
        if (host) hosts.emplace(host->name, host);
    }
    std::vector<resolver::HostPtr> all;
    for (auto const& [name, host] : hosts) all.push_back(host);
    return all;
}

}  // namespace

DnsQuestions dns_questions(People const& people, resolver::RoutingTable const& table) {
    DnsQuestions questions;
    questions.exchangers_of = own_domains(people, table);
    std::set<mail::Domain> names;
    for (auto const& host : hosts_of(table)) add_names(*host, names);
    for (auto const& listed : people.all()) {
        if (auto name = name_of_mail_host(table, *listed.recipient)) names.insert(*name);
    }
    questions.addresses_of.assign(names.begin(), names.end());
    return questions;
}

void check_dns(Scene const& scene, DnsFacts const& dns) {
    for (auto const& [domain, fact] : dns.exchangers) check_exchangers(scene, domain, fact);
    check_names(scene, dns);
    for (auto const& host : hosts_of(scene.table)) check_host(scene, dns, *host);
}

}  // namespace splitmx::lint
