// One address, several entries: no mail for it until one of them lets go (Q251152).
#include "lint/checks.hpp"
#include "resolver/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace splitmx::lint {

namespace {

// An address of the domain that no entry has.
mail::Mailbox unknown_in(Scene const& scene, mail::Domain const& domain) {
    for (int i = 0;; ++i) {
        auto local_part = mail::LocalPart::from_value(fmt::format("nobody{}", i));
        mail::Mailbox const address(std::move(local_part).value(), domain);
        if (scene.people.owners(address).empty()) return address;
    }
}

// What a sender gets; nothing where the directory is not asked for that domain.
std::string consequence(Scene const& scene, mail::Mailbox const& address) {
    if (!is_inbound(scene.table, address.domain())) return "";
    bool const catch_all = address.local_part().value().empty();
    auto const asked = catch_all ? unknown_in(scene, address.domain()) : address;
    resolver::Query query{mail::ForwardPath(asked), {}, {}, true};
    auto const resolution = resolver::resolve(query, scene.table, scene.people);
    auto const* decision = std::get_if<resolver::Decision>(&resolution);
    if (!decision) return "";
    auto const& status = decision->status;
    return fmt::format(
        "; mail for {} gets {} {}",
        catch_all ? "addresses that nobody has there" : "it",
        status.code,
        status.enhanced_text()
    );
}

bool is_foreign(resolver::Recipient const& recipient) {
    return recipient.target && recipient.target->type != "SMTP";
}

// Where one owner is plainly the wrong one, it is proposed; else a person has to choose.
void propose(
    Scene const& scene,
    Finding& finding,
    std::vector<std::size_t> const& owners,
    mail::Mailbox const& address
) {
    std::vector<std::size_t> wrong;
    for (auto const owner : owners) {
        auto const& recipient = *scene.people.all()[owner].recipient;
        if (recipient.disabled || is_foreign(recipient)) wrong.push_back(owner);
    }
    if (wrong.size() + 1 != owners.size()) {
        finding.remedies.emplace_back(ChooseOwner{owners, address});
        finding.advice = "take the address away from all entries but one";
        return;
    }
    for (auto const owner : wrong) finding.remedies.emplace_back(RemoveAddress{owner, address});
    finding.advice = "take it away from the entry that is disabled or belongs to another connector";
}

void report(
    Scene const& scene, std::vector<std::size_t> const& owners, mail::Mailbox const& address
) {
    Finding finding(
        Rule::duplicate_address,
        fmt::format(
            "{} is held by {} entries{}", shown(address), owners.size(), consequence(scene, address)
        )
    );
    for (auto const owner : owners) {
        auto const& listed = scene.people.all()[owner];
        auto detail = held_as(scene.people.listing(), listed, address);
        if (listed.recipient->hidden) detail += "  (hidden)";
        if (listed.recipient->disabled) detail += "  (disabled)";
        finding.places.push_back({listed.recipient->name.text, std::move(detail)});
    }
    propose(scene, finding, owners, address);
    scene.findings.push_back(std::move(finding));
}

// Which of them Outlook means, nobody can tell either; as an address it is in no domain.
void report_x500(
    Scene const& scene, std::vector<std::size_t> const& owners, mail::X500Address const& address
) {
    Finding finding(
        Rule::duplicate_address,
        fmt::format(
            "X500:{} is held by {} entries; a reply to it cannot be delivered",
            mail::to_log_text(address.text()),
            owners.size()
        )
    );
    for (auto const owner : owners) {
        finding.places.push_back({scene.people.all()[owner].recipient->name.text, ""});
    }
    finding.advice = "leave it to the entry whose mailbox had it";
    scene.findings.push_back(std::move(finding));
}

}  // namespace

void check_addresses(Scene const& scene) {
    auto const& all = scene.people.all();
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (auto const& address : all[i].recipient->addresses) {
            // Without [routing] catch_all nobody is asked for by `@domain`.
            if (address.local_part().value().empty() && !scene.table.catch_all) continue;
            auto const owners = scene.people.owners(address);
            if (owners.size() > 1 && owners.front() == i) report(scene, owners, address);
        }
        for (auto const& x500 : all[i].recipient->x500_addresses) {
            auto const owners = scene.people.owners(x500);
            if (owners.size() > 1 && owners.front() == i) report_x500(scene, owners, x500);
        }
    }
}

}  // namespace splitmx::lint
