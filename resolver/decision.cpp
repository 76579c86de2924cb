#include "resolver/decision.hpp"

namespace splitmx::resolver {

std::string_view to_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::deliver:
            return "deliver";
        case Verdict::refuse:
            return "refuse";
        case Verdict::defer:
            return "defer";
        case Verdict::bounce:
            return "bounce";
    }
    return {};
}

std::string_view to_text(RouteKind kind) {
    switch (kind) {
        case RouteKind::mailbox:
            return "mailbox";
        case RouteKind::custom_recipient:
            return "custom_recipient";
        case RouteKind::relay:
            return "relay";
        case RouteKind::unknown:
            return "unknown";
        case RouteKind::postmaster:
            return "postmaster";
    }
    return {};
}

}  // namespace splitmx::resolver
