// From libldap's messages and codes to this room's values.
// Functions on a handle, for the thread that owns it.
#pragma once

#include "ldap/entry.hpp"
#include "ldap/errc.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ldap;     // libldap's handle
struct ldapmsg;  // and message

namespace splitmx::ldap::net {

// What is taken of the messages that have come before others have their turn: a refresh comes in
// bursts of ten thousands, and a stop must not wait for them.
inline constexpr int messages_per_turn = 256;

// A SearchResultEntry (RFC 4511 4.5.2). Fails with Errc::protocol, also for a DN that is none.
// Once for a message, and last: libldap ends strings in place, which eats what follows them.
[[nodiscard]] Result<Entry> to_entry(::ldap* handle, ::ldapmsg* message);

// What the last message of an operation says (LDAPResult, RFC 4511 4.1.9): nothing, or the error.
[[nodiscard]] std::optional<Error> to_error(::ldap* handle, ::ldapmsg* message);

struct Control {
    std::string oid;
    std::string value;
};

// The last message of an operation as it is.
struct Answer {
    int code;          // 0: success
    std::string text;  // "the server answers 4 (Size limit exceeded): ..."
    std::vector<Control> controls;
};
// Fails with Errc::protocol.
[[nodiscard]] Result<Answer> to_answer(::ldap* handle, ::ldapmsg* message);

// The URIs of a SearchResultReference (RFC 4511 4.5.3).
[[nodiscard]] std::vector<std::string> references_in(::ldap* handle, ::ldapmsg* message);

// The value of a control that came with a SearchResultEntry or SearchResultReference; empty if
// there is no such control, and if it has no value.
[[nodiscard]] std::string control_value(::ldap* handle, ::ldapmsg* message, std::string_view oid);

// The value of an IntermediateResponse (RFC 4511 4.13) with this name; nothing for another one.
[[nodiscard]] std::optional<std::string> intermediate_value(
    ::ldap* handle, ::ldapmsg* message, std::string_view oid
);

// For a code that a function of libldap returned, negative ones included; `doing` begins the text.
[[nodiscard]] Error local_error(::ldap* handle, int code, std::string doing);

}  // namespace splitmx::ldap::net
