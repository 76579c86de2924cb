#include "admin/setup_evidence.hpp"

#include "mail/domain.hpp"
#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace splitmx::admin {

namespace {

using resolver::Recipient;
using resolver::RecipientKind;

constexpr std::size_t shown_domains = 20;  // domains and hosts

std::optional<mail::Domain> target_domain(Recipient const& recipient) {
    if (!recipient.target ||
        (!recipient.target->type.empty() && recipient.target->type != "SMTP")) {
        return std::nullopt;
    }
    auto const mailbox = mail::Mailbox::parse(recipient.target->value);
    return mailbox ? std::optional(mailbox->domain()) : std::nullopt;
}

class EvidenceGathering {
public:
    void add(Recipient const& recipient) {
        auto const target = target_domain(recipient);
        count(recipient, target);
        if (recipient.addresses.empty()) ++evidence_.without_address;
        std::set<std::string> seen;
        for (auto const& address : recipient.addresses) {
            auto const& name = address.domain().text();
            if (address.domain().is_literal() || !seen.insert(name).second) continue;
            add(domains_[name], recipient, target && *target == address.domain());
        }
    }

    SetupEvidence finish() && {
        for (auto& [name, domain] : domains_) {
            domain.name = name;
            evidence_.domains.push_back(domain);
        }
        for (auto const& [name, mailboxes] : hosts_) evidence_.hosts.push_back({name, mailboxes});
        for (auto const& name : targets_) {
            if (!domains_.contains(name)) evidence_.elsewhere.push_back(name);
        }
        auto const people = [](DomainEvidence const& domain) {
            return domain.mailboxes + domain.custom_recipients + domain.groups;
        };
        std::stable_sort(
            evidence_.domains.begin(),
            evidence_.domains.end(),
            [&](auto const& a, auto const& b) { return people(a) > people(b); }
        );
        std::stable_sort(
            evidence_.hosts.begin(),
            evidence_.hosts.end(),
            [](auto const& a, auto const& b) { return a.mailboxes > b.mailboxes; }
        );
        return std::move(evidence_);
    }

private:
    void count(Recipient const& recipient, std::optional<mail::Domain> const& target) {
        auto const address =
            recipient.addresses.empty() ? std::string() : recipient.addresses.front().to_wire();
        switch (recipient.kind) {
            case RecipientKind::mailbox:
                ++evidence_.mailboxes;
                ++hosts_[recipient.mail_host];
                if (evidence_.a_mailbox.empty()) evidence_.a_mailbox = address;
                return;
            case RecipientKind::custom_recipient:
                ++evidence_.custom_recipients;
                if (!recipient.target) ++evidence_.without_target;
                if (target) targets_.insert(target->text());
                example(recipient, target, address);
                return;
            case RecipientKind::group:
                break;
        }
        ++evidence_.groups;
    }

    void example(
        Recipient const& recipient,
        std::optional<mail::Domain> const& target,
        std::string const& address
    ) {
        bool const stays = target && !recipient.addresses.empty() &&
                           recipient.addresses.front().domain() == *target;
        auto& known = evidence_.a_custom_recipient;
        if (!known.empty() && (known_stays_ || !stays)) return;
        known = address;
        known_stays_ = stays;
    }

    static void add(DomainEvidence& domain, Recipient const& recipient, bool stays) {
        switch (recipient.kind) {
            case RecipientKind::mailbox:
                ++domain.mailboxes;
                return;
            case RecipientKind::custom_recipient:
                ++domain.custom_recipients;
                domain.stay += stays ? 1 : 0;
                return;
            case RecipientKind::group:
                break;
        }
        ++domain.groups;
    }

    SetupEvidence evidence_;
    bool known_stays_ = false;
    std::map<std::string, DomainEvidence> domains_;
    std::map<std::string, std::size_t> hosts_;
    std::set<std::string> targets_;
};

// Both are names of domains.
bool is_below(std::string const& name, std::string const& parent) {
    return name.size() > parent.size() + 1 && name.ends_with(parent) &&
           name[name.size() - parent.size() - 1] == '.';
}

}  // namespace

SetupEvidence evidence_of(schema::Listing const& listing) {
    EvidenceGathering gathering;
    for (auto const& listed : listing.recipients) gathering.add(*listed.recipient);
    return std::move(gathering).finish();
}

std::vector<std::string> proposed_domains(SetupEvidence const& evidence) {
    std::vector<std::string> names;
    for (auto const& domain : evidence.domains) {
        bool const covered =
            std::any_of(evidence.domains.begin(), evidence.domains.end(), [&](auto const& other) {
                return is_below(domain.name, other.name);
            });
        if (!covered) names.push_back(domain.name);
    }
    return names;
}

std::vector<std::string> proposed_shared(SetupEvidence const& evidence) {
    std::vector<std::string> names;
    for (auto const& domain : evidence.domains) {
        if (domain.stay == 0) continue;
        bool const has_below =
            std::any_of(evidence.domains.begin(), evidence.domains.end(), [&](auto const& other) {
                return is_below(other.name, domain.name);
            });
        names.push_back(has_below ? domain.name : "#" + domain.name);
    }
    return names;
}

std::string people_text(SetupEvidence const& evidence) {
    auto const counted = [](std::size_t number, std::string_view what) {
        return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
    };
    auto text = counted(evidence.mailboxes, "mailbox");
    if (evidence.mailboxes != 1) text.replace(text.size() - 1, 1, "es");
    return text + ", " + counted(evidence.custom_recipients, "custom recipient") + ", " +
           counted(evidence.groups, "group");
}

std::string domains_text(SetupEvidence const& evidence) {
    std::size_t width = 6;
    for (auto const& domain : evidence.domains) width = std::max(width, domain.name.size());
    auto text = fmt::format("  {:<{}}  mailboxes  custom recipients  groups\n", "domain", width);
    for (std::size_t i = 0; i < evidence.domains.size() && i < shown_domains; ++i) {
        auto const& domain = evidence.domains[i];
        text += fmt::format(
            "  {:<{}}  {:>9}  {:>17}  {:>6}{}\n",
            domain.name,
            width,
            domain.mailboxes,
            domain.custom_recipients,
            domain.groups,
            domain.stay > 0 ? fmt::format("  {} stay in it: shared", domain.stay) : ""
        );
    }
    auto const left = evidence.domains.size() - std::min(evidence.domains.size(), shown_domains);
    return left > 0 ? text + fmt::format("  ... and {} more\n", left) : text;
}

std::string hosts_text(SetupEvidence const& evidence) {
    std::string text;
    for (std::size_t i = 0; i < evidence.hosts.size() && i < shown_domains; ++i) {
        auto const& host = evidence.hosts[i];
        text += fmt::format(
            "  {:>6} {} {}\n",
            host.mailboxes,
            host.mailboxes == 1 ? "mailbox  " : "mailboxes",
            host.name.empty() ? "with no host in their entry" : "at " + host.name
        );
    }
    auto const left = evidence.hosts.size() - std::min(evidence.hosts.size(), shown_domains);
    return left > 0 ? text + fmt::format("  ... and {} more hosts\n", left) : text;
}

}  // namespace splitmx::admin
