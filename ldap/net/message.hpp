// From libldap's messages and codes to this room's values.
// Functions on a handle, for the thread that owns it.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/errc.hpp"

#include <optional>
#include <string>

struct ldap;     // libldap's handle
struct ldapmsg;  // and message

namespace splitmx::ldap::net {

// A SearchResultEntry (RFC 4511 4.5.2). Fails with Errc::protocol, also for a DN that is none.
[[nodiscard]] Result<Entry> to_entry(::ldap* handle, ::ldapmsg* message);

// What the last message of an operation says (LDAPResult, RFC 4511 4.1.9): nothing, or the error.
[[nodiscard]] std::optional<Error> to_error(::ldap* handle, ::ldapmsg* message);

// For a code that a function of libldap returned, negative ones included; `doing` begins the text.
[[nodiscard]] Error local_error(::ldap* handle, int code, std::string doing);

}  // namespace splitmx::ldap::net
