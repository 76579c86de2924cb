// A search whose answer may be long, for a session that follows a server: entries are handed on as
// they come, the consumer gets its portions in between, and silence or a wish for an end is seen.
//
// For the thread of the session; blocks. What the server's result says is for the caller: a page,
// the end of a delta, an error.
#pragma once

#include "ldap/net/sync_task.hpp"

#include <functional>
#include <optional>
#include <variant>
#include <vector>

namespace splitmx::ldap::net {

using TakeEntry = std::function<void(Entry)>;

// The server's result, whatever it is, or why the session is over. References become events.
[[nodiscard]] std::variant<Answer, sync::SessionEnds> search_long(
    SyncTask const& task,
    SearchRequest const& request,
    std::optional<Control> const& control,
    std::vector<sync::Event>& events,
    TakeEntry const& take
);

// All of it, page by page (RFC 2696) where the server can, and with all values of its attributes
// (ranged_values.hpp). Nothing: that is complete.
[[nodiscard]] std::optional<sync::SessionEnds> read_pages(
    SyncTask const& task,
    SearchRequest const& request,
    std::vector<sync::Event>& events,
    TakeEntry const& take
);

}  // namespace splitmx::ldap::net
