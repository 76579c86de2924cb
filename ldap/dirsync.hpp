// Following Active Directory, without I/O: the control DirSync and its answer, where a copy stands
// with a domain controller, and what a delta means.
//
// A delta names what changed and how, but not the whole of it: attributes that changed, an empty
// list for those that went. It only shows whom to read again; what is found then is the whole record
// as it is now, also of an entry that matches no longer. Its own filter takes every object, because
// one that lost an attribute does not match a filter about it any more. A cookie and an update
// sequence number are of one domain controller, so both are kept with its name. Values and functions
// of values; no threads. Errors: Errc::protocol. Source: MS-ADTS 3.1.1.3.4.1.3 (DirSync); seen with
// Samba 4.17.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/entry_id.hpp"
#include "ldap/errc.hpp"
#include "ldap/filter.hpp"
#include "ldap/sync.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::ldap::dirsync {

inline constexpr std::string_view show_deleted_oid = "1.2.840.113556.1.4.417";
inline constexpr std::string_view id_attribute = "objectGUID";
inline constexpr std::string_view usn_attribute = "highestCommittedUSN";  // of the root DSE

// The value of the request. As a security principal may see it (LDAP_DIRSYNC_OBJECT_SECURITY), so
// that an ordinary account is enough. `place` is empty for the beginning.
[[nodiscard]] std::string encode_request(std::string_view place);

struct Answer {
    bool more;          // ask again with this place
    std::string place;  // octets of the server
};
[[nodiscard]] Result<Answer> parse_answer(std::string_view octets);

// Where a copy stands: of which domain controller, and how far it had come.
struct Stand {
    std::string server;     // dsServiceName
    std::uint64_t usn = 0;  // highestCommittedUSN, read before the content
    std::string place;
};
[[nodiscard]] sync::Cookie to_cookie(Stand const& stand);
// Nothing for a cookie of another kind of server.
[[nodiscard]] std::optional<Stand> to_stand(sync::Cookie const& cookie);

// No object matches it: a search with it brings a place and nothing else.
[[nodiscard]] Filter nobody();

// What a delta asks for beside the attributes of the caller.
[[nodiscard]] std::vector<std::string> delta_attributes();

// One object of a delta.
struct Touched {
    EntryId id;
    Dn dn;  // of today
    // It has another name or place than before: what holds its name has it, too, and an object that
    // has others below it has moved them. A new one is not renamed.
    bool renamed = false;
};

struct Delta {
    std::vector<Touched> changed;
    std::vector<EntryId> removed;

    // Nothing happens with an object that shows no id: it cannot be ours.
    void see(Entry const& entry);
};

// The objects with these ids that are among `filter`.
[[nodiscard]] Filter these(std::span<Touched const> objects, Filter const& among);
// Those among `filter` that hold one of these names in one of the attributes.
[[nodiscard]] Filter holders(
    std::span<Dn const> names, std::vector<std::string> const& attributes, Filter const& among
);

}  // namespace splitmx::ldap::dirsync
