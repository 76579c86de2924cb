#include "lint/loops.hpp"

#include "lint/checks.hpp"
#include "resolver/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace splitmx::lint {

namespace {

using resolver::Recipient;
using Step = resolver::Rule;

// The entries on the way, the first one first, and where it ended.
struct Way {
    std::vector<std::string> entries;  // DNs
    std::string last;                  // the address that leads back, after reroutes
    Step end = Step::target_loop;

    void add(std::string const& dn) {
        if (std::find(entries.begin(), entries.end(), dn) == entries.end()) entries.push_back(dn);
    }
};

Way way_of(Recipient const& recipient, resolver::Decision const& decision) {
    Way way;
    way.entries.push_back(recipient.name.text);
    for (auto const& step : decision.trace) {
        bool const moved =
            step.rule == Step::target_followed || step.rule == Step::target_is_mailbox;
        if (moved) way.add(step.source);
        if (step.rule == Step::alternate_only || step.rule == Step::alternate_and_mailbox) {
            way.add(step.subject);
        }
        bool const end = step.rule == Step::target_loop || step.rule == Step::reroute_cycle ||
                         step.rule == Step::alternate_cycle;
        if (end) {
            way.last = step.subject;
            way.end = step.rule;
            break;
        }
    }
    return way;
}

std::string target_of(Recipient const& recipient, std::string const& last) {
    if (!recipient.target) return "its alternate recipient";
    auto const target = mail::to_log_text(recipient.target->value);
    auto const address = mail::Mailbox::parse(recipient.target->value);
    auto const end = mail::Mailbox::parse(last);
    if (!address || !end || *address == *end || address->local_part() != end->local_part()) {
        return "its target " + target;
    }
    return fmt::format("its target {} (rerouted to {})", target, last);
}

std::string subject_of(Recipient const& recipient) {
    return recipient.addresses.empty() ? recipient.name.text : shown(recipient.addresses.front());
}

// The first entry of the way that the last address, or the last name, leads back to.
std::optional<std::size_t> back_to(People const& people, Way const& way) {
    std::vector<std::string> owners;
    if (way.end == Step::alternate_cycle) {
        owners.push_back(way.last);
    } else if (auto const address = mail::Mailbox::parse(way.last)) {
        for (auto const owner : people.owners(*address)) {
            owners.push_back(people.all()[owner].recipient->name.text);
        }
    }
    for (std::size_t i = 0; i < way.entries.size(); ++i) {
        auto const met = std::find(owners.begin(), owners.end(), way.entries[i]);
        if (met != owners.end()) return i;
    }
    return std::nullopt;
}

std::string domain_of(std::string const& address) {
    auto const at = address.rfind('@');
    return at == std::string::npos ? address : address.substr(at + 1);
}

Finding self_or_nobody(Recipient const& recipient, Way const& way, std::string_view what) {
    Finding finding(
        lint::Rule::loop,
        fmt::format(
            "mail for {} gets 554 5.4.6: {} {}, and {} has no host",
            subject_of(recipient),
            target_of(recipient, way.last),
            what,
            domain_of(way.last)
        )
    );
    finding.advice = fmt::format(
        "name a host in the [[domain]] entry of {}, or give the entry another target",
        domain_of(way.last)
    );
    return finding;
}

Finding own_alternate(Recipient const& recipient) {
    Finding finding(
        lint::Rule::loop,
        fmt::format(
            "mail for {} gets 554 5.4.6: its alternate recipient is the entry itself",
            subject_of(recipient)
        )
    );
    finding.advice = "name another entry as the alternate recipient, or none";
    return finding;
}

Finding circle(Recipient const& recipient, Way const& way, std::string_view what) {
    Finding finding(
        lint::Rule::loop,
        fmt::format(
            "mail for {} gets 554 5.4.6: {} {}",
            subject_of(recipient),
            target_of(recipient, way.last),
            what
        )
    );
    finding.advice = recipient.target ? "give one of these entries another target"
                                      : "give one of these entries another alternate recipient";
    return finding;
}

}  // namespace

std::optional<Finding> loop_of(
    People const& people, Recipient const& recipient, resolver::Decision const& decision
) {
    auto const way = way_of(recipient, decision);
    auto const back = back_to(people, way);
    auto told = [&]() -> std::optional<Finding> {
        if (way.end == Step::reroute_cycle) {
            return circle(recipient, way, "is rerouted round in a circle");
        }
        if (!back && way.entries.size() > resolver::max_steps) {
            return circle(recipient, way, "takes too many steps");
        }
        if (!back) {
            // Of a chain that ends at nobody, the last entry is to blame.
            if (way.entries.size() > 1) return std::nullopt;
            return self_or_nobody(recipient, way, "belongs to nobody");
        }
        if (*back > 0) return std::nullopt;  // told at the circle itself
        if (way.entries.size() == 1 && way.end == Step::alternate_cycle) {
            return own_alternate(recipient);
        }
        if (way.entries.size() == 1) {
            return self_or_nobody(recipient, way, "is its own address");
        }
        // Once a circle: at the entry whose name comes first.
        auto const first = std::min_element(way.entries.begin(), way.entries.end());
        if (*first != recipient.name.text) return std::nullopt;
        return circle(recipient, way, "comes back to it");
    }();
    if (!told) return std::nullopt;
    for (auto const& dn : way.entries) told->places.push_back({dn, ""});
    if (recipient.target) {
        told->places.front().detail = "target " + mail::to_log_text(recipient.target->value);
    }
    return told;
}

}  // namespace splitmx::lint
