#include "directory/ldif_source.hpp"

#include "ldap/ldif.hpp"
#include "ldap/ranged_values.hpp"
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
    if (ldap::RangedValues::is_needed(entry)) partial_.insert(recipient->name.key);
    book_.add(std::make_shared<resolver::Recipient const>(std::move(*recipient)));
}

resolver::Answer LdifDirectory::if_whole(resolver::Answer answer) const {
    auto const* one = std::get_if<resolver::One>(&answer);
    if (one == nullptr || !partial_.contains(one->recipient->name.key)) return answer;
    return resolver::Unavailable{
        "the file has only a part of the values of " + one->recipient->name.text};
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
