#include "directory/ldif_source.hpp"

#include "ldap/ldif.hpp"
#include "schema/entry_filter.hpp"
#include "schema/recipient_mapping.hpp"

#include <utility>
#include <variant>

namespace splitmx::directory {

ldap::Result<std::shared_ptr<LdifDirectory const>> LdifDirectory::load(
    std::filesystem::path const& file, schema::Profile const& profile
) {
    auto const filter = schema::EntryFilter::compile(profile.filter);
    if (!filter) return filter.error();
    auto const entries = ldap::read_ldif(file);
    if (!entries) return entries.error();
    std::shared_ptr<LdifDirectory> const directory(new LdifDirectory);
    directory->book_.reserve(entries->size());
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
    book_.add(std::make_shared<resolver::Recipient const>(std::move(*recipient)));
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

}  // namespace splitmx::directory
