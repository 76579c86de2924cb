#include "admin/setup_advice.hpp"

#include "lint/wrap.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace splitmx::admin {

namespace {

constexpr char const* usual_config = "/etc/splitmx/splitmx.toml";

std::string item(std::string_view text) { return lint::wrapped("  - ", text, 4); }

// "#name" is a name for us only.
std::vector<std::string> plain(std::vector<std::string> names) {
    for (auto& name : names) {
        if (name.starts_with('#')) name.erase(0, 1);
    }
    return names;
}

std::string directory_advice(SetupPlan const& plan, SetupDirectory const& found) {
    if (!found.is_ldap) {
        return item(
            "The file is read at the start and at each `splitmx reload`: whoever writes it "
            "replaces it as a whole."
        );
    }
    std::string text;
    for (auto const& one : found.to_do) text += item(one);
    if (plan.directory.bind_dn.empty()) {
        text += item(
            "An account of its own, with a password, instead of an anonymous one: only what "
            "it may read is known here."
        );
    }
    switch (found.vendor) {
        case ldap::Vendor::openldap:
            text += item(
                "docs/directory.md, OpenLDAP: the account, its rights (olcAccess), no size "
                "limit for it (olcLimits), the overlay syncprov, indexes."
            );
            break;
        case ldap::Vendor::directory_389:
            text += item(
                "docs/directory.md, 389 Directory Server: the two plug-ins, the account, its "
                "limits (nsSizeLimit, nsLookThroughLimit) and its aci."
            );
            break;
        case ldap::Vendor::active_directory:
            text += item(
                "docs/directory.md, Active Directory: an ordinary account whose password "
                "does not expire; for deletions within seconds, one right more."
            );
            break;
        case ldap::Vendor::unknown:
            text += item("docs/directory.md: what the account must be allowed to read.");
            break;
    }
    return text +
           item(
               "`splitmx schema check` tells what is missing; `splitmx directory lint` whose "
               "mail would get nowhere."
           );
}

std::string dns_advice(SetupPlan const& plan) {
    auto domains = plain(plan.own);
    for (auto& name : plain(plan.shared)) domains.push_back(std::move(name));
    for (auto const& name : plan.relayed) domains.push_back(name);
    auto text = item(fmt::format(
        "MX records of {} to {}, once `splitmx resolve` says what it should.",
        fmt::join(domains, ", "),
        plan.hostname
    ));
    return text +
           item(fmt::format(
               "An address for {}, and a name for its address (PTR) where it sends to others.",
               plan.hostname
           ));
}

std::string system_advice(SetupPlan const& plan) {
    std::string text;
    if (!plan.shared.empty()) {
        text += item(fmt::format(
            "It takes mail from {} for {} ({}), and delivers what is its own.",
            plan.hostname,
            fmt::join(plain(plan.shared), ", "),
            fmt::join(plan.foreign.addresses, ", ")
        ));
        text += item(
            "Whom it does not know it sends here, and never returns to us what came from us: "
            "splitmx refuses the second pass, and names the side that lacks the recipient."
        );
        if (plan.foreign.networks.empty()) {
            text += item(
                "If its own mail comes from other addresses than these, name them in "
                "[host.foreign] networks."
            );
        }
        text += item(
            "docs/guides has it step by step for Exchange, Microsoft 365, Google Workspace, "
            "Domino and Postfix."
        );
    }
    if (!plan.relayed.empty()) {
        text += item(fmt::format(
            "The other organisation's relay ({}) accepts {}; with splitmx there, the same with the "
            "roles changed.",
            fmt::join(plan.partner.addresses, ", "),
            fmt::join(plan.relayed, ", ")
        ));
    }
    return text +
           item(fmt::format(
               "The mailbox host ({}) takes mail from {} for every address in the directory.",
               fmt::join(plan.mailboxes.addresses, ", "),
               plan.hostname
           ));
}

std::string commands(SetupDirectory const& found, std::filesystem::path const& config) {
    auto const flag =
        config == usual_config ? std::string() : fmt::format(" --config {}", config.string());
    auto text = fmt::format("  splitmx{} doctor\n", flag);
    for (auto const& address : {found.evidence.a_mailbox, found.evidence.a_custom_recipient}) {
        if (address.empty()) continue;
        text += fmt::format("  splitmx{} resolve --offline --explain {}\n", flag, address);
    }
    if (flag.empty()) {
        return text + "  systemctl enable --now splitmx\n  splitmx status\n";
    }
    return text + fmt::format("  splitmxd{}\n  splitmx{} status\n", flag, flag);
}

}  // namespace

std::string advice_after_setup(
    SetupPlan const& plan, SetupDirectory const& found, std::filesystem::path const& config
) {
    return "\nIn the directory\n" + directory_advice(plan, found) + "\nIn the DNS, last\n" +
           dns_advice(plan) + "\nIn the other mail systems\n" + system_advice(plan) +
           "\nThe next commands\n" + commands(found, config);
}

}  // namespace splitmx::admin
