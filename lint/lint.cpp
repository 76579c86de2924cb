#include "lint/lint.hpp"

#include "lint/checks.hpp"
#include "schema/address_place.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::lint {

resolver::AcceptanceRule const* inbound_rule(
    resolver::RoutingTable const& table, mail::Domain const& domain
) {
    auto const* rule = table.acceptance.find(domain);
    return rule && std::holds_alternative<resolver::Inbound>(rule->action) ? rule : nullptr;
}

bool is_inbound(resolver::RoutingTable const& table, mail::Domain const& domain) {
    if (inbound_rule(table, domain)) return true;
    return !table.acceptance.find(domain) && domain.address() &&
           table.self.has_address(*domain.address());
}

std::string held_as(
    schema::Listing const& listing,
    schema::ListedRecipient const& listed,
    mail::Mailbox const& address
) {
    if (listed.entry) {
        auto const places = schema::places_of(listing.profile_of(listed), *listed.entry, address);
        if (!places.empty()) {
            return fmt::format(
                "{}: {}", places.front().attribute, mail::to_log_text(places.front().value)
            );
        }
    }
    return shown(address);
}

std::string shown(mail::Mailbox const& address) {
    if (address.local_part().value().empty()) return "@" + address.domain().text();
    return address.to_log();
}

std::string counted(std::size_t number, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

Finding& Gathered::at(std::string const& key, Rule rule) {
    return findings_.try_emplace(key, rule, "").first->second;
}

Findings lint(People const& people, resolver::RoutingTable const& table, DnsFacts const& dns) {
    Findings findings;
    Scene const scene{people, table, findings};
    check_addresses(scene);
    check_values(scene);
    check_routes(scene);
    check_groups(scene);
    check_domains(scene);
    check_dns(scene, dns);
    // An entry may hold any octets; a finding is text for a terminal and for JSON.
    for (auto& finding : findings) {
        finding.text = mail::to_log_text(finding.text);
        finding.advice = mail::to_log_text(finding.advice);
        for (auto& place : finding.places) {
            place.dn = mail::to_log_text(place.dn);
            place.detail = mail::to_log_text(place.detail);
        }
    }
    // Within a rule the order of the checks stays: that of the directory.
    std::stable_sort(findings.begin(), findings.end(), [](auto const& a, auto const& b) {
        return a.rule < b.rule;
    });
    return findings;
}

Counts count(Findings const& findings) {
    Counts counts;
    for (auto const& finding : findings) {
        switch (info(finding.rule).severity) {
            case Severity::error:
                ++counts.errors;
                break;
            case Severity::warning:
                ++counts.warnings;
                break;
            case Severity::info:
                ++counts.infos;
                break;
        }
    }
    return counts;
}

}  // namespace splitmx::lint
