// An entry being changed: what it would be, and the one modify that makes it so. Values compare
// without regard to the case of ASCII letters. Internal to schema. Threads: one. Errors: none; what
// is there already is not added, and what is not there is not removed.
#pragma once

#include "ldap/change.hpp"

#include <string>
#include <string_view>

namespace splitmx::schema {

class EntryDraft {
public:
    explicit EntryDraft(ldap::Entry const& entry) : original_(entry), entry_(entry) {}

    ldap::Entry const& entry() const { return entry_; }
    bool has_value(std::string_view attribute, std::string_view value) const;

    void remove(std::string const& attribute);
    void remove_value(std::string const& attribute, std::string const& value);
    void add_value(std::string const& attribute, std::string const& value);
    void set(std::string const& attribute, std::string const& value);  // its only value

    // From the entry as it was to the entry as it is now; each attribute at most twice.
    ldap::ModifyEntry change() const;

private:
    void apply(ldap::Modification modification);

    ldap::Entry original_;
    ldap::Entry entry_;
};

// A class that an entry has for life (RFC 4512 2.4.2), as far as the profiles speak of it.
bool is_structural(std::string_view object_class);

}  // namespace splitmx::schema
