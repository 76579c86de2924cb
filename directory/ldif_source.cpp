#include "directory/ldif_source.hpp"

#include "ldap/ldif.hpp"
#include "schema/entry_filter.hpp"
#include "schema/recipient_mapping.hpp"

#include <utility>
#include <variant>

namespace splitmx::directory {

namespace {

// One more entry has this address.
void add_owner(resolver::Answer& answer, resolver::RecipientPtr const& owner) {
    if (auto* many = std::get_if<resolver::Many>(&answer)) {
        many->names.push_back(owner->name);
    } else if (auto* one = std::get_if<resolver::One>(&answer)) {
        answer = resolver::Many{{one->recipient->name, owner->name}};
    } else {
        answer = resolver::One{owner};
    }
}

}  // namespace

ldap::Result<std::shared_ptr<LdifDirectory const>> LdifDirectory::load(
    std::filesystem::path const& file, schema::Profile const& profile
) {
    auto const filter = schema::EntryFilter::compile(profile.filter);
    if (!filter) return filter.error();
    auto const entries = ldap::read_ldif(file);
    if (!entries) return entries.error();
    std::shared_ptr<LdifDirectory> const directory(new LdifDirectory);
    directory->by_address_.reserve(entries->size() * 2);
    directory->by_name_.reserve(entries->size());
    directory->recipients_.reserve(entries->size());
    for (auto const& entry : *entries) {
        if (filter->matches(entry))
            directory->add(profile, entry);
        else
            ++directory->counts_.others;
    }
    return std::shared_ptr<LdifDirectory const>(directory);
}

void LdifDirectory::add(schema::Profile const& profile, ldap::Entry const& entry) {
    auto mapping = schema::map(profile, entry);
    if (!mapping.remarks.empty()) {
        remarks_.push_back({schema::to_entry_name(entry.dn()), std::move(mapping.remarks)});
    }
    auto* const recipient = std::get_if<resolver::Recipient>(&mapping.outcome);
    if (recipient == nullptr) {
        ++counts_.others;
        return;
    }
    count(recipient->kind);
    auto const owner = std::make_shared<resolver::Recipient const>(std::move(*recipient));
    recipients_.push_back(owner);
    by_name_.emplace(owner->name.key, owner);
    for (auto const& address : owner->addresses) add_owner(by_address_[address.key()], owner);
}

void LdifDirectory::count(resolver::RecipientKind kind) {
    switch (kind) {
        case resolver::RecipientKind::mailbox:
            ++counts_.mailboxes;
            return;
        case resolver::RecipientKind::custom_recipient:
            ++counts_.custom_recipients;
            return;
        case resolver::RecipientKind::group:
            ++counts_.groups;
            return;
    }
}

resolver::Answer LdifDirectory::find(mail::Mailbox const& address) const {
    auto const found = by_address_.find(address.key());
    if (found == by_address_.end()) return resolver::None{};
    return found->second;
}

resolver::Answer LdifDirectory::find(resolver::EntryName const& name) const {
    auto const found = by_name_.find(name.key);
    if (found == by_name_.end()) return resolver::None{};
    return resolver::One{found->second};
}

}  // namespace splitmx::directory
