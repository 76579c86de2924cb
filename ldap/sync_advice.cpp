#include "ldap/sync_advice.hpp"

#include <fmt/core.h>

#include <utility>

namespace splitmx::ldap::sync {

namespace {

[[nodiscard]] std::string account_of(SessionOf const& of) {
    return of.account.empty() ? "anonymous clients" : "'" + of.account + "'";
}

[[nodiscard]] std::string advice(Errc code, SessionOf const& of) {
    switch (code) {
        case Errc::size_limit:
        case Errc::time_limit:
        case Errc::admin_limit:
            return fmt::format(
                "the server must give {} all entries: lift its size and time limits "
                "(OpenLDAP: limits, 389: nsSizeLimit)",
                account_of(of)
            );
        case Errc::insufficient_rights:
            return fmt::format("grant {} read access below '{}'", account_of(of), of.base);
        case Errc::no_such_base:
            return fmt::format(
                "'{}' must exist, and {} must be allowed to see it", of.base, account_of(of)
            );
        case Errc::stronger_auth_required:
            return "use ldaps:// or starttls = true";
        case Errc::refused_credentials:
            return of.account.empty() ? "the server wants bind_dn and password"
                                      : "check bind_dn and password";
        case Errc::referral:
            return fmt::format("name the server that holds '{}' as uri", of.base);
        case Errc::tls:
            return "check tls_ca, and that the name in uri is the one in the certificate";
        default:
            return {};
    }
}

}  // namespace

EndReason reason_of(Errc code) noexcept {
    switch (code) {
        case Errc::size_limit:
        case Errc::time_limit:
        case Errc::admin_limit:
            return EndReason::size_limit;
        case Errc::unreachable:
        case Errc::busy:
        case Errc::server_failure:
            return EndReason::lost;
        case Errc::timeout:
            return EndReason::silent;
        case Errc::stopped:
            return EndReason::stopped;
        case Errc::unsupported:
            return EndReason::unsupported;
        case Errc::protocol:
            return EndReason::protocol;
        default:
            return EndReason::refused;
    }
}

std::string with_advice(Errc code, std::string what, SessionOf const& of) {
    auto const more = advice(code, of);
    if (!more.empty()) what += "; " + more;
    return what;
}

}  // namespace splitmx::ldap::sync
