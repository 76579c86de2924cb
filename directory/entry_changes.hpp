// Changes of entries that have not been made: what each entry would be after those that concern it.
// Threads: one. Ownership: refers to the changes. Errors: of a change that cannot be made, with the
// entry's name.
#pragma once

#include "ldap/change.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splitmx::directory {

class EntryChanges {
public:
    explicit EntryChanges(std::span<ldap::Change const> changes);

    bool is_empty() const { return by_name_.empty(); }
    // The entries that are not settled yet.
    std::vector<ldap::Dn> names() const;
    // Whether its first change needs what is there now.
    bool needs_present(ldap::Dn const& dn) const;

    // The entry after its changes, which are settled with this; none: it is gone. An entry that is
    // there is changed, or replaced by one of the same name. A change of one that is not there
    // (`present` is none) is an error.
    ldap::Result<std::optional<ldap::Entry>> settle(
        ldap::Dn const& dn, std::optional<ldap::Entry> present
    );

private:
    std::map<std::string, std::vector<ldap::Change const*>> by_name_;
};

}  // namespace splitmx::directory
