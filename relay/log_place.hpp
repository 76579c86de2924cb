// Where the lines of the log go. Pure.
#pragma once

namespace splitmx::relay {

enum class LogPlace {
    as_configured,
    standard_error,  // `splitmxd --foreground-log`, also after a reload
};

}  // namespace splitmx::relay
