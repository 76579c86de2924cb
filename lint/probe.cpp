#include "lint/probe.hpp"

#include "ldap/dn.hpp"
#include "schema/recipient_mapping.hpp"

#include <utility>

namespace splitmx::lint {

namespace {

// RFC 2606 2: nobody has a domain below "invalid".
mail::Mailbox probe_address() { return mail::Mailbox::parse("probe@lint.invalid").value(); }

resolver::Answer without_members(resolver::Answer answer) {
    auto* one = std::get_if<resolver::One>(&answer);
    if (!one || one->recipient->kind != resolver::RecipientKind::group) return answer;
    auto group = std::make_shared<resolver::Recipient>();
    group->name = one->recipient->name;
    group->kind = resolver::RecipientKind::group;
    group->disabled = one->recipient->disabled;
    return resolver::One{std::move(group)};
}

}  // namespace

Probe::Probe(People const& people, resolver::RoutingTable const& table)
    : people_(people), table_(table), address_(probe_address()) {
    resolver::DomainPattern pattern{address_.domain(), resolver::Coverage::exact};
    table_.acceptance.add({std::move(pattern), resolver::Inbound{}, ""});
}

resolver::Decision Probe::decide(resolver::RecipientPtr recipient) {
    probed_ = std::move(recipient);
    resolver::Query const query{mail::ForwardPath(address_), {}, {}, true};
    auto resolution = resolver::resolve(query, table_, *this);
    // People never answer NotAsked.
    return std::get<resolver::Decision>(std::move(resolution));
}

// As mail of our own: a member needs no permission.
resolver::Decision Probe::decide(mail::Mailbox const& address) const {
    resolver::Query const query{mail::ForwardPath(address), {}, {}, true};
    auto resolution = resolver::resolve(query, table_, *this);
    return std::get<resolver::Decision>(std::move(resolution));
}

resolver::EntryName Probe::entry_of(mail::Mailbox const& address) const {
    for (auto const& step : decide(address).trace) {
        if (step.rule != resolver::Rule::directory_one) continue;
        auto const dn = ldap::Dn::parse(step.source);
        if (dn) return schema::to_entry_name(*dn);
    }
    return {};
}

resolver::Answer Probe::find(mail::Mailbox const& address) const {
    if (address == address_) return resolver::One{probed_};
    return without_members(people_.find(address));
}

resolver::Answer Probe::find(resolver::EntryName const& name) const {
    return without_members(people_.find(name));
}

resolver::Answer Probe::find(mail::X500Address const& address) const {
    return without_members(people_.find(address));
}

}  // namespace splitmx::lint
