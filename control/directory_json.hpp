// How a [directory.NAME] is, as `splitmx directory status --json` prints it; times are seconds
// since 1970. Members that do not apply are left out.
//
//     {"name":"main","profile":"laser","sync":"auto","method":"syncrepl","state":"LIVE","age_s":2.1,
//      "servers":["ldap://..."],"server":"ldap://...","connected":true,"refreshing":false,"base":...,
//      "entries":{"mailboxes":1,"custom_recipients":0,"groups":0,"others":0},
//      "last_heard":...,"last_change":...,"snapshot":...,
//      "held":{"lost":100,"entries":200,"since":...,"domains":[...],"examples":[DN...],
//              "digest":"..."},
//      "problems":["..."]}
//
// `method` is syncrepl, poll, live (each question goes to the server) or file.
// Threads: pure functions. Errors: none.
#pragma once

#include "config/config.hpp"
#include "directory/source.hpp"

#include "control/protocol.hpp"

namespace splitmx::control {

[[nodiscard]] json::object to_json(
    config::Directory const& directory, directory::Health const& health
);

// "held" without "since". Equal digests: the same entries would go.
[[nodiscard]] json::object to_json(directory::copy::Loss const& loss);

}  // namespace splitmx::control
