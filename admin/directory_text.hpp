// The directories of the running relay for people; from the JSON that scripts get
// (control/directory_json.hpp). Fits 80 columns where names allow.
// Threads: pure functions. `now`: seconds since 1970, the relay's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "control/protocol.hpp"

namespace splitmx::admin {

// What a server that is not followed says to a tool, by URI: empty, or what is wrong.
using ServerTests = std::map<std::string, std::string>;

//     main       LIVE, heard of 2 s ago
//     server     ldaps://ldap1.adatum.com, connected
//     ...
std::string directory_text(
    control::json::object const& directory, std::int64_t now, ServerTests const& tests = {}
);

// What a method of following means to an administrator: "syncrepl", "dirsync", "poll"; else none.
std::string_view following_text(std::string_view method);

// What was held: "100 of 200 entries, all recipients of a.example", and some of them below.
std::string held_text(control::json::object const& held);

// One line for what came of `directory sync` or `accept`.
std::string outcome_text(control::json::object const& outcome);

}  // namespace splitmx::admin
