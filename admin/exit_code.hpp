// Exit codes of the tools, as in sysexits.h. Threads: constants.
#pragma once

namespace splitmx::admin {

enum class ExitCode : int {
    ok = 0,
    warnings = 1,     // a check with --strict found warnings only
    differences = 1,  // --diff found some
    usage = 64,
    bad_data = 65,  // a broken LDIF file, or lint found errors
    unknown_recipient = 67,
    no_such_host = 68,  // or message
    unavailable = 69,
    internal = 70,
    cannot_create = 73,
    io = 74,
    temporary = 75,
    not_permitted = 77,
    configuration = 78,
};

// The worst of several: 78 > 69 > 67 > 75 > 0.
constexpr int severity(ExitCode code) {
    switch (code) {
        case ExitCode::ok:
            return 0;
        case ExitCode::warnings:
            return 1;
        case ExitCode::temporary:
            return 2;
        case ExitCode::unknown_recipient:
            return 3;
        case ExitCode::bad_data:
        case ExitCode::no_such_host:
        case ExitCode::internal:
        case ExitCode::io:
        case ExitCode::not_permitted:
        case ExitCode::cannot_create:
        case ExitCode::unavailable:
            return 4;
        case ExitCode::configuration:
            return 5;
        case ExitCode::usage:
            return 6;
    }
    return 6;
}

constexpr ExitCode worst(ExitCode a, ExitCode b) { return severity(a) >= severity(b) ? a : b; }

}  // namespace splitmx::admin
