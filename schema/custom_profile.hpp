// The profile "custom": built from the keys of [directory.NAME.map] in a configuration.
//
// Keys: filter, addresses, primary, syntax (plain, smtp-prefix, smtp-dollar), x500, mailbox,
// custom_recipient, group, target, host, disabled, hidden, alternate, both, accept_from,
// reject_from, members. A list is the key repeated. `mailbox`, `custom_recipient` and `group` are
// an attribute (it has a value), `class:NAME` or `attr=value`; `disabled`, `hidden` and `both` are
// the same, but an attribute alone must be TRUE.
// What is not said: `mailbox` is whoever has an address, `custom_recipient` whoever has a target,
// `group` whoever has members, `filter` whoever has one of the attributes. The attribute `mail` is
// always plain (RFC 4524 2.16), whatever the syntax.
// Errors: every one of them, not only the first; each names its key.
#pragma once

#include "mail/result.hpp"
#include "schema/profile.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace splitmx::schema {

using KeyAndValue = std::pair<std::string, std::string>;

struct CustomProfileError {
    std::string key;
    std::string what;
};

using CustomProfileErrors = std::vector<CustomProfileError>;  // not empty

using CustomProfileResult = boost::system::result<Profile, CustomProfileErrors>;

[[nodiscard]] CustomProfileResult make_custom(std::span<KeyAndValue const> map);

// The keys that make_custom knows.
[[nodiscard]] std::span<std::string_view const> custom_keys();

// "key: what; key: what" for one line.
[[nodiscard]] std::string to_text(CustomProfileErrors const& errors);

// Called by CustomProfileResult::value() on an error.
[[noreturn]] void throw_exception_from_error(
    CustomProfileErrors const& errors, boost::source_location const& location
);

}  // namespace splitmx::schema
