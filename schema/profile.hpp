// A profile tells which attributes of a directory mean what for mail routing. It is data: the
// mapping, the search filters and the tools all read the same tables, and `custom` profiles are
// built at start from a configuration (custom_profile.hpp).
// An empty attribute name means that the directory does not say such a thing.
// Threads: plain values. Source: contract of the profiles; Q258203, Q166905, Q255697, Q250521.
#pragma once

#include "ldap/filter.hpp"
#include "resolver/recipient.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::schema {

enum class AddressSyntax {
    plain,        // x@y
    smtp_prefix,  // smtp:x@y, SMTP:x@y for the primary address; other types are skipped
    smtp_dollar,  // smtp$x@y; other types are skipped
};

struct AddressAttribute {
    std::string name;
    AddressSyntax syntax = AddressSyntax::plain;
};

// Something an entry either fulfils or not.
struct Condition {
    enum class Form {
        present,       // the attribute has a value
        equals,        // one of its values is `value`, in any case
        is_true,       // its value is TRUE, in any case
        object_class,  // the entry is of class `value`
        mail_address,  // an address attribute has a value of the mail type
    };
    Form form = Form::present;
    std::string attribute = {};
    std::string value = {};
    std::string without = {};  // and this attribute has no value; empty: whatever
    std::string with = {};     // and this attribute has one; empty: whatever
    std::string several = {};  // and this attribute has more than one; empty: whatever
    std::vector<std::string> unless = {};  // and `attribute` has none of these values, in any case
};

using Conditions = std::vector<Condition>;  // one of them is enough

// A switch that is a bit of a number, but does not count for some types of entries.
struct FlagBit {
    std::string attribute;
    unsigned long long mask = 0;
    std::string except_attribute;
    std::vector<std::string> except_values;
};

enum class HostForm {
    as_written,
    // "/o=Org/.../cn=Servers/cn=EX1" is EX1, and counts only if it is one of Profile::known_hosts.
    last_common_name,
    // "cn=Microsoft MTA,cn=EX1,cn=Servers,..." is EX1, and counts only if it is one of them, too.
    below_servers,
};

struct Profile {
    std::string name;
    ldap::Filter filter;  // everybody whom the profile can mean
    // Values of type X500 count, too: as X500 addresses.
    std::vector<AddressAttribute> addresses;
    std::string x500;  // its whole value is an X500 address, without a type
    // Counts if the entry owns the address: elsewhere `mail` may hold any address.
    std::string primary;

    // The kind of an entry: the first of these that is fulfilled. None: no recipient.
    Conditions group;
    Conditions custom_recipient;
    Conditions mailbox;

    std::string target;
    std::string target_otherwise;  // where `target` has no value
    bool target_typed = false;     // written with its type: SMTP:x@y
    bool target_from_primary = false;  // of a custom recipient that has no target
    std::string host;
    HostForm host_form = HostForm::as_written;
    // Names of [host.NAME] in lower case, from whoever has the configuration.
    std::set<std::string, std::less<>> known_hosts;
    std::string deliver_as;  // of a mailbox: the recipient that its host knows

    // What a recipient is for: a value of that attribute, and what it means.
    std::string use;
    std::map<std::string, resolver::MailboxUse, std::less<>> uses;

    Conditions disabled;
    std::optional<FlagBit> disabled_bit;
    Conditions hidden;
    std::string alternate;
    Conditions both;
    std::vector<std::string> accept_from;
    std::vector<std::string> reject_from;
    std::vector<std::string> members;           // DNs; what is no DN may be an address
    std::vector<std::string> member_addresses;  // addresses
};

// One of profile_names(); null for any other name, and for "custom".
[[nodiscard]] Profile const* find_profile(std::string_view name);

// Every name that a configuration may have: the built-in ones and "custom".
[[nodiscard]] std::vector<std::string> profile_names();

}  // namespace splitmx::schema
