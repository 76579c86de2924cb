// A change of the directory (RFC 4511 4.6 to 4.8) as a value: made by who decides, printed as LDIF
// (RFC 2849), applied to an entry at hand for "what if", or sent to a server.
// Values; no threads. Errors: of apply() and parse_changes(), as everywhere in this room.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/errc.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::ldap {

struct Modification {
    enum class Operation { add, remove, replace };  // remove without values: the whole attribute

    Operation operation = Operation::add;
    std::string attribute;
    std::vector<std::string> values;
};

struct AddEntry {
    Entry entry;
};
struct ModifyEntry {
    Dn dn;
    std::vector<Modification> modifications;  // all or none, in this order
};
struct DeleteEntry {
    Dn dn;
};
using Change = std::variant<AddEntry, ModifyEntry, DeleteEntry>;

[[nodiscard]] Dn const& dn_of(Change const& change);

// One record with the blank line that ends it. Each line of `comment` stands before it, behind "#
// ".
[[nodiscard]] std::string to_ldif(Change const& change, std::string_view comment = {});
// Text as comment lines of LDIF.
[[nodiscard]] std::string to_comment(std::string_view text);

// The entry after the modifications. Values compare without regard to the case of ASCII letters.
// Fails with Errc::syntax where a value to remove is not there, or one to add is there already.
[[nodiscard]] Result<Entry> apply(ModifyEntry const& change, Entry const& entry);

// A file of change records; a record without "changetype" adds its entry. Fails as parse_ldif does,
// and with unsupported for renames.
[[nodiscard]] Result<std::vector<Change>> parse_changes(std::string_view text);
[[nodiscard]] Result<std::vector<Change>> read_changes(std::filesystem::path const& file);

}  // namespace splitmx::ldap
