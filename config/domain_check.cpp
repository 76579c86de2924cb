#include "config/domain_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace splitmx::config {

namespace {

constexpr std::size_t max_reroutes = 10;  // as many as the resolver takes

// A domain that the pattern is about: its name, or one below it when it covers only those.
mail::Domain sample_of(resolver::DomainPattern const& pattern) {
    if (pattern.coverage != resolver::Coverage::subdomains_only) return pattern.name;
    auto below = mail::Domain::parse("subdomain." + pattern.name.text());
    return below ? *below : pattern.name;
}

void check_keys(DomainEntry const& entry, Findings& findings) {
    auto const& section = entry.section;
    auto const action = section.text("action");
    if (!section.has("action") && !section.has("host")) {
        findings.error(
            section.heading(),
            "[[domain]] has neither \"action\" nor \"host\"",
            "such as action = \"inbound\""
        );
    }
    if (action == "reroute" && !section.has("to")) {
        findings.error(
            section.value_position("action"),
            "action = \"reroute\" needs \"to\"",
            "such as to = \"example.com\""
        );
    }
    if (action != "reroute" && section.has("to")) {
        findings.error(section.key_position("to"), "\"to\" is for action = \"reroute\" only");
    }
    if (action != "relay" && section.has("always_relay")) {
        findings.error(
            section.key_position("always_relay"), "\"always_relay\" is for action = \"relay\" only"
        );
    }
    for (auto const* key : {"unknown", "ambiguous"}) {
        if (action == "inbound" || !section.has(key)) continue;
        findings.error(
            section.key_position(key), fmt::format("\"{}\" is for action = \"inbound\" only", key)
        );
    }
}

void check_hosts(DomainEntry const& entry, Routing const& routing, Findings& findings) {
    auto const& table = routing.table;
    // A host that is named but unknown has been found already.
    if (entry.section.has("host")) {
        for (auto const& [pattern, position] : entry.names) {
            if (entry.section.has("action") || table.acceptance.find(sample_of(pattern))) continue;
            findings.warning(
                position,
                fmt::format(
                    "\"{}\" has a host, but nothing accepts mail for it", pattern.to_text()
                ),
                "clients outside of [relay] get 550; action = \"relay\" says that this is meant"
            );
        }
        return;
    }
    auto const action = entry.section.text("action");
    for (auto const& [pattern, position] : entry.names) {
        if (table.delivery.find(sample_of(pattern)) != nullptr) continue;
        auto const* rule = table.acceptance.find(sample_of(pattern));
        auto const* inbound =
            rule != nullptr ? std::get_if<resolver::Inbound>(&rule->action) : nullptr;
        if (inbound != nullptr && inbound->unknown == resolver::UnknownMode::forward) {
            findings.error(
                position,
                fmt::format("unknown = \"forward\", but no host covers \"{}\"", pattern.to_text()),
                "give it a \"host\""
            );
        }
        if (action == "relay" && !table.outbound) {
            findings.warning(
                position,
                fmt::format("\"{}\" is relayed, but has no host", pattern.to_text()),
                "its mail goes to its MX, which may be this machine"
            );
        }
    }
}

// The rule that a rerouted address meets next; null when the chain ends there.
resolver::AcceptanceRule const* next_reroute(
    resolver::RoutingTable const& table, resolver::AcceptanceRule const& rule
) {
    auto const& to = std::get<resolver::Reroute>(rule.action).to;
    auto const* next = table.acceptance.find(to);
    auto const* reroute = next != nullptr ? std::get_if<resolver::Reroute>(&next->action) : nullptr;
    // The same address again is a fix-point, and no cycle (Q169683).
    if (reroute == nullptr || reroute->to == to) return nullptr;
    return next;
}

bool reroutes_to_itself(resolver::AcceptanceRule const& rule) {
    return std::get<resolver::Reroute>(rule.action).to == rule.pattern.name &&
           rule.pattern.coverage != resolver::Coverage::subdomains_only;
}

class RerouteCheck {
public:
    RerouteCheck(resolver::RoutingTable const& table, Findings& findings)
        : table_(table), findings_(findings) {}

    void check(DomainEntry const& entry) {
        if (entry.section.text("action") != "reroute") return;
        for (auto const& name : entry.names) {
            auto const* rule = table_.acceptance.find(sample_of(name.pattern));
            if (rule == nullptr || !(rule->pattern == name.pattern)) continue;
            if (!std::holds_alternative<resolver::Reroute>(rule->action)) continue;
            check(*rule, name.position, entry.section.value_position("to"));
        }
    }

private:
    void check(resolver::AcceptanceRule const& rule, SourcePosition name, SourcePosition to) {
        if (reroutes_to_itself(rule)) {
            auto const& text = rule.pattern.name.text();
            findings_.error(
                to,
                fmt::format("\"{}\" is rerouted to itself", rule.pattern.to_text()),
                fmt::format("name = \".{}\" reroutes its subdomains only", text)
            );
            return;
        }
        std::vector<resolver::AcceptanceRule const*> chain{&rule};
        for (auto const* next = next_reroute(table_, rule); next != nullptr;
             next = next_reroute(table_, *next)) {
            auto const met = std::find(chain.begin(), chain.end(), next);
            if (met != chain.end()) {
                // A circle that this one only leads into is found at its own names.
                if (met == chain.begin()) report_cycle(chain, name);
                return;
            }
            chain.push_back(next);
            if (chain.size() > max_reroutes) {
                findings_.error(
                    name,
                    fmt::format(
                        "\"{}\" is rerouted more than {} times",
                        rule.pattern.to_text(),
                        max_reroutes
                    )
                );
                return;
            }
        }
    }

    // Once a circle, at the first of its names.
    void report_cycle(
        std::vector<resolver::AcceptanceRule const*> const& cycle, SourcePosition name
    ) {
        if (std::any_of(cycle.begin(), cycle.end(), [&](auto const* rule) {
                return reported_.count(rule) != 0;
            })) {
            return;
        }
        reported_.insert(cycle.begin(), cycle.end());
        std::string circle;
        for (auto const* rule : cycle) circle += rule->pattern.to_text() + " -> ";
        circle += cycle.front()->pattern.to_text();
        findings_.error(name, "reroutes lead round in a circle", circle);
    }

    resolver::RoutingTable const& table_;
    Findings& findings_;
    std::set<resolver::AcceptanceRule const*> reported_;
};

}  // namespace

void check_domains(Routing const& routing, Findings& findings) {
    RerouteCheck reroutes(routing.table, findings);
    for (auto const& entry : routing.domains) {
        check_keys(entry, findings);
        check_hosts(entry, routing, findings);
        reroutes.check(entry);
    }
}

}  // namespace splitmx::config
