// The routing table against the addresses that people have.
#include "lint/checks.hpp"
#include "lint/probe.hpp"

#include <fmt/format.h>

#include <set>
#include <unordered_map>

namespace splitmx::lint {

namespace {

using resolver::AcceptanceRule;
using resolver::Coverage;
using resolver::DeliveryRule;

// A domain that the pattern is about.
mail::Domain sample_of(resolver::DomainPattern const& pattern) {
    if (pattern.coverage != Coverage::subdomains_only) return pattern.name;
    auto below = mail::Domain::parse("subdomain." + pattern.name.text());
    return below ? *below : pattern.name;
}

class Domains {
public:
    explicit Domains(Scene const& scene) : scene_(scene) {}

    void check() {
        for (auto const& listed : scene_.people.all()) take(listed);
        gathered_.hand_over(scene_.findings, [](std::string const& key, Finding& finding) {
            complete(key, finding);
        });
        for (auto const& rule : scene_.table.acceptance.rules()) check(rule);
        for (auto const& rule : scene_.table.delivery.rules()) check(rule);
        check_postmasters();
    }

private:
    // Of a domain, looked up once and not for each of its addresses.
    struct Use {
        AcceptanceRule const* rule = nullptr;
        DeliveryRule const* host = nullptr;
    };

    Use const& use_of(mail::Domain const& domain) {
        auto const [at, is_new] = uses_.try_emplace(domain.text());
        if (is_new) {
            at->second.rule = scene_.table.acceptance.find(domain);
            at->second.host = scene_.table.delivery.find(domain);
        }
        return at->second;
    }

    void take(schema::ListedRecipient const& listed);
    void take(schema::ListedRecipient const& listed, mail::Mailbox const& address);
    bool is_of(
        mail::Mailbox const& address, mail::Domain const& domain, resolver::Recipient const& owner
    ) const;
    static void complete(std::string const& key, Finding& finding);
    void check(AcceptanceRule const& rule);
    void check(DeliveryRule const& rule);
    void check_postmasters();

    Scene const& scene_;
    std::unordered_map<std::string, Use> uses_;
    std::set<AcceptanceRule const*> used_;           // somebody has an address there
    std::set<DeliveryRule const*> targeted_;         // a target lies there
    std::set<DeliveryRule const*> hosts_of_people_;  // somebody has an address there
    Gathered gathered_;
};

void Domains::take(schema::ListedRecipient const& listed) {
    auto const& recipient = *listed.recipient;
    for (auto const& address : recipient.addresses) take(listed, address);
    for (auto const& address : recipient.member_addresses) {
        targeted_.insert(use_of(address.domain()).host);
    }
    if (!recipient.target || recipient.target->type != "SMTP") return;
    auto const target = mail::Mailbox::parse_long(recipient.target->value);
    if (target) targeted_.insert(use_of(target->domain()).host);
}

// Does the same entry hold the address under the other domain?
bool Domains::is_of(
    mail::Mailbox const& address, mail::Domain const& domain, resolver::Recipient const& owner
) const {
    for (auto const listed : scene_.people.owners(mail::Mailbox(address.local_part(), domain))) {
        if (scene_.people.all()[listed].recipient->name == owner.name) return true;
    }
    return false;
}

void Domains::take(schema::ListedRecipient const& listed, mail::Mailbox const& address) {
    auto const& use = use_of(address.domain());
    hosts_of_people_.insert(use.host);
    used_.insert(use.rule);
    auto const place = [&] {
        return Place{
            listed.recipient->name.text, held_as(scene_.people.listing(), listed, address)};
    };
    if (!use.rule) {
        if (is_inbound(scene_.table, address.domain())) return;
        gathered_.at(address.domain().text(), Rule::unused_domain).places.push_back(place());
        return;
    }
    if (auto const* reroute = std::get_if<resolver::Reroute>(&use.rule->action)) {
        if (reroute->to == address.domain() || is_of(address, reroute->to, *listed.recipient)) {
            return;
        }
        auto const key = address.domain().text() + " " + reroute->to.text();
        auto& finding = gathered_.at(key, Rule::not_asked);
        finding.source = use.rule->source;
        finding.places.push_back(place());
    } else if (std::holds_alternative<resolver::Relay>(use.rule->action)) {
        auto& finding = gathered_.at(address.domain().text() + " ", Rule::not_asked);
        finding.source = use.rule->source;
        finding.places.push_back(place());
    }
}

void Domains::complete(std::string const& key, Finding& finding) {
    auto const people = counted(finding.places.size(), "address", "addresses");
    if (finding.rule == Rule::unused_domain) {
        finding.text = fmt::format("no [[domain]] accepts {}, where people have {}", key, people);
        finding.advice = fmt::format(
            "accept it: name = \"{}\", action = \"inbound\"; or take the addresses away", key
        );
        return;
    }
    auto const gap = key.find(' ');
    auto const domain = key.substr(0, gap);
    auto const to = key.substr(gap + 1);
    if (to.empty()) {
        finding.text = fmt::format(
            "{} is relayed without asking the directory, where people have {} in it", domain, people
        );
        finding.advice = "action = \"inbound\" with a host shares the domain";
        return;
    }
    finding.text = fmt::format(
        "{} is rerouted to {}, so {} in it {} never looked up",
        domain,
        to,
        people,
        finding.places.size() == 1 ? "is" : "are"
    );
    finding.advice = fmt::format("give these people the same address in {}", to);
}

void Domains::check(AcceptanceRule const& rule) {
    auto const name = rule.pattern.to_text();
    auto const sample = sample_of(rule.pattern);
    if (auto const* inbound = std::get_if<resolver::Inbound>(&rule.action)) {
        // With unknown = "forward" the people are those of the host.
        if (used_.contains(&rule) || inbound->unknown == resolver::UnknownMode::forward) return;
        Finding finding(
            Rule::empty_domain,
            fmt::format("\"{}\" is accepted as ours, but nobody has an address in it", name)
        );
        finding.source = rule.source;
        finding.advice = "give people addresses in it, or reroute it to a domain where they have";
        scene_.findings.push_back(std::move(finding));
        return;
    }
    bool const relayed = std::holds_alternative<resolver::Relay>(rule.action);
    if (!relayed || scene_.table.outbound || scene_.table.delivery.find(sample)) return;
    Finding finding(
        Rule::relay_without_host,
        fmt::format("\"{}\" is relayed without a host: its MX decides, which may be us", name)
    );
    finding.source = rule.source;
    finding.advice = "name a host in its [[domain]] entry";
    scene_.findings.push_back(std::move(finding));
}

// Behind the host rule of a subdomain may stand another system, while its parent is ours.
void Domains::check(DeliveryRule const& rule) {
    auto const name = rule.pattern.to_text();
    auto const sample = sample_of(rule.pattern);
    auto const* accepted = scene_.table.acceptance.find(sample);
    bool const inbound = accepted && std::holds_alternative<resolver::Inbound>(accepted->action);
    if (inbound && !(accepted->pattern.name == rule.pattern.name) &&
        !hosts_of_people_.contains(&rule)) {
        Finding finding(
            Rule::subdomain_elsewhere,
            fmt::format(
                "\"{}\" is served by host \"{}\", but accepted as ours with \"{}\"; all mail for "
                "it gets 550 5.1.1",
                name,
                rule.host->name,
                accepted->pattern.to_text()
            )
        );
        finding.source = rule.source;
        finding.advice = fmt::format(
            "name = \"#{}\" accepts the parent alone; or action = \"relay\" for \"{}\"",
            accepted->pattern.name.text(),
            name
        );
        scene_.findings.push_back(std::move(finding));
    }
    if (accepted || targeted_.contains(&rule)) return;
    Finding finding(
        Rule::host_only,
        fmt::format(
            "\"{}\" has a host, but nothing accepts it and no target lies in it; outsiders get "
            "550 5.7.1",
            name
        )
    );
    finding.source = rule.source;
    finding.advice = "action = \"relay\" accepts it, always_relay = true from everybody";
    scene_.findings.push_back(std::move(finding));
}

void Domains::check_postmasters() {
    std::set<std::string> seen;
    for (auto const& rule : scene_.table.acceptance.rules()) {
        if (!std::holds_alternative<resolver::Inbound>(rule.action)) continue;
        auto const domain = sample_of(rule.pattern);
        auto const local_part = mail::LocalPart::parse("postmaster");
        if (!local_part || !seen.insert(domain.text()).second) continue;
        mail::Mailbox const address(*local_part, domain);
        resolver::Query const query{mail::ForwardPath(address), {}, {}, true};
        auto const resolution = resolver::resolve(query, scene_.table, scene_.people);
        auto const* decision = std::get_if<resolver::Decision>(&resolution);
        if (!decision || decision->verdict == resolver::Verdict::deliver) continue;
        if (decision->reason == mail::Reason::ambiguous) continue;  // said as a duplicate
        Finding finding(
            Rule::postmaster,
            fmt::format(
                "mail for {} gets {} {}",
                address.to_log(),
                decision->status.code,
                decision->status.enhanced_text()
            )
        );
        finding.source = rule.source;
        finding.advice =
            "let [server] postmaster be somebody's address, or set [routing] "
            "mailbox_host";
        scene_.findings.push_back(std::move(finding));
    }
}

}  // namespace

void check_domains(Scene const& scene) { Domains(scene).check(); }

}  // namespace splitmx::lint
