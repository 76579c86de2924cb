#include "ldap/sync.hpp"

namespace splitmx::ldap::sync {

std::string_view to_text(EndReason reason) noexcept {
    switch (reason) {
        case EndReason::cookie_refused:
            return "cookie refused";
        case EndReason::cookie_newer:
            return "server is older";
        case EndReason::size_limit:
            return "size limit";
        case EndReason::refused:
            return "refused";
        case EndReason::unsupported:
            return "not supported";
        case EndReason::not_connected:
            return "not connected";
        case EndReason::lost:
            return "connection lost";
        case EndReason::silent:
            return "no answer";
        case EndReason::protocol:
            return "protocol error";
        case EndReason::restarted:
            return "restarted";
        case EndReason::stopped:
            break;
    }
    return "stopped";
}

}  // namespace splitmx::ldap::sync
