// Does mail for each entry get somewhere? The resolver says; what it noted on the way tells what is
// wrong. A fault is reported at the entry that has it, and hosts once for all their entries.
#include "ldap/letter_case.hpp"
#include "lint/checks.hpp"
#include "lint/loops.hpp"
#include "lint/probe.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::lint {

namespace {

using resolver::Recipient;
using resolver::TraceStep;

class Routes {
public:
    explicit Routes(Scene const& scene) : scene_(scene), probe_(scene.people, scene.table) {}

    void check();

private:
    void check(std::size_t listed);
    void take(std::size_t listed, TraceStep const& step, resolver::Decision const& decision);
    void foreign_type(std::size_t listed);
    void missing_alternate(Recipient const& recipient);
    void mail_host(Recipient const& recipient);
    Finding& gather(std::string const& key, Rule rule, Recipient const& recipient);
    void hand_over();

    Scene const& scene_;
    Probe probe_;
    Gathered gathered_;
};

std::string target_text(Recipient const& recipient) {
    auto const& target = *recipient.target;
    if (target.type == "SMTP") return mail::to_log_text(target.value);
    return mail::to_log_text(fmt::format("{}:{}", target.type, target.value));
}

std::string place_detail(Recipient const& recipient) {
    if (recipient.target) return "target " + target_text(recipient);
    if (!recipient.mail_host.empty()) return "host " + mail::to_log_text(recipient.mail_host);
    return recipient.addresses.empty() ? "" : shown(recipient.addresses.front());
}

Finding& Routes::gather(std::string const& key, Rule rule, Recipient const& recipient) {
    auto& finding = gathered_.at(key, rule);
    finding.places.push_back({recipient.name.text, place_detail(recipient)});
    return finding;
}

// A recipient of another connector that directory synchronisation gave an SMTP address (Q258203).
void Routes::foreign_type(std::size_t listed) {
    auto const& recipient = *scene_.people.all()[listed].recipient;
    std::vector<mail::Mailbox> ours;
    std::string shared;
    for (auto const& address : recipient.addresses) {
        if (!is_inbound(scene_.table, address.domain())) continue;
        ours.push_back(address);
        if (scene_.table.delivery.find(address.domain())) shared = address.domain().text();
    }
    if (ours.empty()) return;
    Finding finding(
        Rule::foreign_type,
        fmt::format(
            "{} leads to {}, which needs a gateway for {}; mail for it gets 554 5.4.4",
            ours.front().to_log(),
            target_text(recipient),
            recipient.target->type
        )
    );
    if (ours.size() > 1) {
        finding.text = fmt::format(
            "{} addresses lead to {}, which needs a gateway for {}; mail for them gets 554 5.4.4",
            ours.size(),
            target_text(recipient),
            recipient.target->type
        );
    }
    for (auto const& address : ours) {
        finding.places.push_back(
            {recipient.name.text,
             held_as(scene_.people.listing(), scene_.people.all()[listed], address)}
        );
        if (scene_.table.delivery.find(address.domain())) {
            finding.remedies.emplace_back(RemoveAddress{listed, address});
        }
    }
    finding.advice =
        shared.empty()
            ? "give the entry an SMTP target, or take its SMTP address away"
            : fmt::format(
                  "{} is shared with a host: take the SMTP address away from this entry, and let "
                  "a custom recipient with an SMTP target have it",
                  shared
              );
    scene_.findings.push_back(std::move(finding));
}

void Routes::missing_alternate(Recipient const& recipient) {
    Finding finding(
        Rule::missing_alternate,
        fmt::format(
            "the alternate recipient of {} is no recipient; {}",
            recipient.addresses.empty() ? recipient.name.text : shown(recipient.addresses.front()),
            recipient.deliver_to_both ? "its copy is lost" : "mail for it gets 554 5.4.4"
        )
    );
    finding.places.push_back({recipient.name.text, "alternate " + recipient.alternate->text});
    finding.advice = "name an entry that is there, or none";
    scene_.findings.push_back(std::move(finding));
}

// A step of the trace that tells why mail does not get there. `source` of a step is the entry, or
// the place in the configuration, that is to blame.
void Routes::take(std::size_t listed, TraceStep const& step, resolver::Decision const& decision) {
    auto const& recipient = *scene_.people.all()[listed].recipient;
    bool const own = step.source == recipient.name.text;
    switch (step.rule) {
        case resolver::Rule::target_loop:
        case resolver::Rule::reroute_cycle:
        case resolver::Rule::alternate_cycle:
            if (auto loop = loop_of(scene_.people, recipient, decision)) {
                scene_.findings.push_back(std::move(*loop));
            }
            return;
        case resolver::Rule::target_missing:
            // A contact without address and target is an entry of somebody's address book.
            if (own && !recipient.addresses.empty()) gather("target", Rule::no_target, recipient);
            return;
        case resolver::Rule::target_malformed:
            if (own) gather("malformed", Rule::malformed_target, recipient);
            return;
        case resolver::Rule::target_foreign_type:
            if (own) foreign_type(listed);
            return;
        case resolver::Rule::mailbox_without_host:
            if (own) gather("no host", Rule::no_route, recipient);
            return;
        case resolver::Rule::host_unusable:
            if (own) gather("unusable", Rule::no_route, recipient);
            return;
        case resolver::Rule::next_hop_self:
            gather(step.subject, Rule::own_host, recipient).source = step.source;
            return;
        case resolver::Rule::alternate_missing:
            if (own) missing_alternate(recipient);
            return;
        case resolver::Rule::target_is_mailbox:
            gather("mailbox", Rule::target_is_mailbox, recipient);
            return;
        default:
            return;  // steps that lead on
    }
}

// A host without a dot and without a record is a slip of the pen, or a [host.NAME] that is gone.
void Routes::mail_host(Recipient const& recipient) {
    auto const& host = recipient.mail_host;
    if (host.empty() || recipient.kind != resolver::RecipientKind::mailbox) return;
    auto const& table = scene_.table;
    auto const lower = ldap::lower_case(host);
    if (table.host_named(host)) return;
    auto const address = resolver::HostAddress::parse(host, resolver::Protocol::smtp);
    if (!address) return;  // found as unusable
    auto const* named = std::get_if<resolver::NamedEndpoint>(&address->endpoint);
    if (!named || named->name.text().find('.') != std::string::npos) return;
    if (named->name.text() == "localhost" || table.host_records.contains(named->name.text()))
        return;
    gather("host " + lower, Rule::unknown_host, recipient);
}

void Routes::check(std::size_t listed) {
    auto const& recipient = scene_.people.all()[listed].recipient;
    if (recipient->disabled || recipient->kind == resolver::RecipientKind::group) return;
    mail_host(*recipient);
    auto const decision = probe_.decide(recipient);
    for (auto const& step : decision.trace) take(listed, step, decision);
}

void Routes::hand_over() {
    gathered_.hand_over(scene_.findings, [](std::string const& key, Finding& finding) {
        auto const number = finding.places.size();
        switch (finding.rule) {
            case Rule::no_target:
                finding.text = counted(number, "custom recipient has", "custom recipients have") +
                               " no target address; mail for " + (number == 1 ? "it" : "them") +
                               " gets 554 5.4.4";
                break;
            case Rule::malformed_target:
                finding.text = counted(number, "target is", "targets are") +
                               " no mail address; mail for " + (number == 1 ? "it" : "them") +
                               " gets 554 5.4.4";
                break;
            case Rule::no_route:
                finding.text = key == "no host"
                                   ? counted(number, "mailbox names", "mailboxes name") +
                                         " no host, and [routing] mailbox_host is not set"
                                   : counted(number, "mailbox names", "mailboxes name") +
                                         " a host that is neither a name nor an address";
                finding.text += "; mail gets 554 5.4.4";
                break;
            case Rule::own_host:
                finding.text = fmt::format(
                    "host \"{}\" is this machine; mail for {} gets 554 5.4.6",
                    key,
                    counted(number, "entry", "entries")
                );
                finding.advice = "name the system behind this one, or another port";
                break;
            case Rule::unknown_host:
                finding.text = fmt::format(
                    "\"{}\" is no [host.NAME] and no full host name; {} it",
                    key.substr(5),
                    counted(number, "mailbox names", "mailboxes name")
                );
                finding.advice = "write the full name, or give it a [host.NAME]";
                break;
            default:
                finding.text = counted(number, "custom recipient has", "custom recipients have") +
                               " a target that is a mailbox here: mail goes there";
        }
    });
}

void Routes::check() {
    for (std::size_t i = 0; i < scene_.people.all().size(); ++i) check(i);
    hand_over();
}

}  // namespace

void check_routes(Scene const& scene) { Routes(scene).check(); }

}  // namespace splitmx::lint
