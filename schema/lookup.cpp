#include "schema/lookup.hpp"

#include "schema/recipient_filter.hpp"

#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace splitmx::schema {

namespace {

using Owners = std::vector<resolver::RecipientPtr>;

// The recipient that an entry is, or null. What is odd about it goes to `remarks`.
resolver::RecipientPtr recipient_of(
    Profile const& profile, ldap::Entry const& entry, std::vector<EntryRemarks>& remarks
) {
    auto mapping = map(profile, entry);
    if (!mapping.remarks.empty()) {
        remarks.push_back({to_entry_name(entry.dn()), std::move(mapping.remarks)});
    }
    auto* recipient = std::get_if<resolver::Recipient>(&mapping.outcome);
    if (!recipient) return nullptr;
    return std::make_shared<resolver::Recipient const>(std::move(*recipient));
}

// Each entry once, however often a server names it.
Owners recipients_of(
    Profile const& profile, std::span<ldap::Entry const> entries, std::vector<EntryRemarks>& remarks
) {
    Owners all;
    std::unordered_set<std::string> seen;
    for (auto const& entry : entries) {
        if (!seen.insert(entry.dn().key()).second) continue;
        if (auto recipient = recipient_of(profile, entry, remarks)) {
            all.push_back(std::move(recipient));
        }
    }
    return all;
}

resolver::Answer to_answer(Owners const& owners) {
    if (owners.empty()) return resolver::None{};
    if (owners.size() == 1) return resolver::One{owners.front()};
    resolver::Many many;
    for (auto const& owner : owners) many.names.push_back(owner->name);
    return many;
}

}  // namespace

Lookup answer_addresses(
    Profile const& profile,
    std::span<ldap::Entry const> entries,
    std::span<mail::Mailbox const> asked
) {
    Lookup lookup;
    std::unordered_map<std::string, Owners> owners;
    for (auto const& address : asked) owners.try_emplace(address.key());
    for (auto const& recipient : recipients_of(profile, entries, lookup.remarks)) {
        for (auto const& address : recipient->addresses) {
            auto const found = owners.find(address.key());
            if (found != owners.end()) found->second.push_back(recipient);
        }
    }
    for (auto const& address : asked) {
        lookup.answers.push_back(to_answer(owners.at(address.key())));
    }
    return lookup;
}

Lookup answer_x500(
    Profile const& profile, std::span<ldap::Entry const> entries, mail::X500Address const& asked
) {
    Lookup lookup;
    Owners owners;
    for (auto const& recipient : recipients_of(profile, entries, lookup.remarks)) {
        if (owns(*recipient, asked)) owners.push_back(recipient);
    }
    lookup.answers.push_back(to_answer(owners));
    return lookup;
}

// The server has decided which entry the name means; its spelling may be another one than asked.
Lookup answer_name(Profile const& profile, std::span<ldap::Entry const> entries) {
    Lookup lookup;
    Owners owners;
    if (!entries.empty()) {
        if (auto recipient = recipient_of(profile, entries.front(), lookup.remarks)) {
            owners.push_back(std::move(recipient));
        }
    }
    lookup.answers.push_back(to_answer(owners));
    return lookup;
}

}  // namespace splitmx::schema
