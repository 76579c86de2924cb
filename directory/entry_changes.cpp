#include "directory/entry_changes.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace splitmx::directory {

EntryChanges::EntryChanges(std::span<ldap::Change const> changes) {
    for (auto const& change : changes) by_name_[ldap::dn_of(change).key()].push_back(&change);
}

std::vector<ldap::Dn> EntryChanges::names() const {
    std::vector<ldap::Dn> names;
    names.reserve(by_name_.size());
    for (auto const& [key, changes] : by_name_) names.push_back(ldap::dn_of(*changes.front()));
    return names;
}

bool EntryChanges::needs_present(ldap::Dn const& dn) const {
    auto const found = by_name_.find(dn.key());
    return found != by_name_.end() &&
           std::holds_alternative<ldap::ModifyEntry>(*found->second.front());
}

ldap::Result<std::optional<ldap::Entry>> EntryChanges::settle(
    ldap::Dn const& dn, std::optional<ldap::Entry> present
) {
    auto const found = by_name_.find(dn.key());
    if (found == by_name_.end()) return present;
    auto const changes = std::move(found->second);
    by_name_.erase(found);
    for (auto const* change : changes) {
        if (auto const* add = std::get_if<ldap::AddEntry>(change)) {
            present = add->entry;
        } else if (std::holds_alternative<ldap::DeleteEntry>(*change)) {
            present.reset();
        } else if (!present) {
            return ldap::Error(
                ldap::Errc::syntax,
                fmt::format("the change of {}: there is no such recipient", dn.text())
            );
        } else {
            auto changed = ldap::apply(std::get<ldap::ModifyEntry>(*change), *present);
            if (!changed) return changed.error();
            present = std::move(*changed);
        }
    }
    return present;
}

}  // namespace splitmx::directory
