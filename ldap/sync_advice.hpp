// Why a directory cannot be followed, for the administrator who can change it: what the failure
// means for a copy, and what to do about it.
//
// Functions of values, for any thread.
#pragma once

#include "ldap/errc.hpp"
#include "ldap/sync.hpp"

#include <string>
#include <string_view>

namespace splitmx::ldap::sync {

// Whose session it is: what an explanation has to name.
struct SessionOf {
    std::string uri;
    std::string account;  // DN; empty: anonymous
    std::string base;
};

// What the end of a session is to its consumer, by the cause of an error.
[[nodiscard]] EndReason reason_of(Errc code) noexcept;

// `what` with its remedy: "the server answers 4 (...); raise the limits of cn=relay,...".
[[nodiscard]] std::string with_advice(Errc code, std::string what, SessionOf const& of);

}  // namespace splitmx::ldap::sync
