// The values of the controls and messages that make a content synchronisation (RFC 4533 2) and a
// paged search (RFC 2696 2): octets to values and back.
//
// Everything a server sends is checked to the last octet, but for elements that a later standard
// may add at the end of a sequence (RFC 4511 4). An empty cookie counts as none: OpenLDAP sends one
// where nothing has changed. Errors are Errc::protocol. Functions without state, for any thread.
#pragma once

#include "ldap/entry_id.hpp"
#include "ldap/errc.hpp"
#include "ldap/sync.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace splitmx::ldap::sync {

inline constexpr std::string_view state_oid = "1.3.6.1.4.1.4203.1.9.1.2";  // RFC 4533 2.3
inline constexpr std::string_view info_oid = "1.3.6.1.4.1.4203.1.9.1.4";   // RFC 4533 2.5

// Sync Request (RFC 4533 2.2) for refreshAndPersist.
[[nodiscard]] std::string encode_request(std::optional<Cookie> const& cookie);

// Whether a server of this kind can have given that cookie. OpenLDAP must not be sent any other:
// one that it reads in part, "rid=000,csn=x", is answered with all entries and a good cookie, as if
// nothing were gone (seen with 2.5.13). 389 takes one that its changelog does not reach back to, and
// leaves out what it forgot (2.3.1). Of other servers nothing is known.
[[nodiscard]] bool is_plausible(Cookie const& cookie, ServerFacts const& facts) noexcept;

// The change that the cookie of a 389 server stands for: what is behind its last '#'.
[[nodiscard]] std::optional<std::uint64_t> change_number(Cookie const& cookie) noexcept;

// The newest change that the cookie of an OpenLDAP server stands for, as an entryCSN; nothing for a
// cookie of another form.
[[nodiscard]] std::optional<std::string> newest_csn(Cookie const& cookie);

// Sync State (RFC 4533 2.3), with each entry.
struct StateValue {
    EntryChange::State state;
    EntryId id;
    std::optional<Cookie> cookie;
};
[[nodiscard]] Result<StateValue> parse_state(std::string_view octets);

// One end of a phase (refreshDelete or refreshPresent of RFC 4533 2.5).
struct PhaseEnd {
    RefreshEnds::Phase phase;
    bool refresh_done;
    std::optional<Cookie> cookie;
};
// Sync Info (RFC 4533 2.5). A cookie that is empty is no news: an empty NewCookie is left out.
using InfoValue = std::variant<std::monostate, NewCookie, PhaseEnd, IdSet>;
[[nodiscard]] Result<InfoValue> parse_info(std::string_view octets);

// Simple Paged Results (RFC 2696 2). The cookie is empty for the first page, and after the last.
[[nodiscard]] std::string encode_page_request(std::int32_t size, std::string_view cookie);
[[nodiscard]] Result<std::string> parse_page_cookie(std::string_view octets);

}  // namespace splitmx::ldap::sync
