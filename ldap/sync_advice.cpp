#include "ldap/sync_advice.hpp"

#include <fmt/core.h>

#include <array>

#include <utility>

namespace splitmx::ldap::sync {

namespace {

[[nodiscard]] std::string account_of(SessionOf const& of) {
    return of.account.empty() ? "anonymous clients" : "'" + of.account + "'";
}

// What Active Directory means by its numbers; the words beside them help nobody.
struct Hint {
    std::string_view sign;  // in the server's text
    std::string_view advice;
};
constexpr std::array hints{
    Hint{"data 525,", "there is no such account: check bind_dn (a DN, or name@domain)"},
    Hint{"data 52e,", "check the password; bind_dn may be a DN, or name@domain"},
    Hint{"data 530,", "the account may not log on at this hour"},
    Hint{"data 531,", "the account may not log on from this machine"},
    Hint{"data 532,", "the password of the account has expired: set one that does not"},
    Hint{"data 533,", "the account is disabled"},
    Hint{"data 701,", "the account has expired"},
    Hint{"data 773,", "the account must change its password first: set one that does not expire"},
    Hint{"data 775,", "the account is locked out: unlock it, and find out who tries passwords"},
    Hint{"80090346",
         "the domain controller wants the TLS channel bound to the login (LdapEnforceChannelBinding), "
         "which a simple bind over ldaps:// does by itself: use ldaps:// with bind_dn and password"},
    Hint{"000004DC", "the server tells nothing to strangers: give bind_dn and password"},
    Hint{"00002028",
         "the domain controller wants signed or encrypted connections (LDAPServerIntegrity): use "
         "ldaps:// or starttls = true"},
};

[[nodiscard]] std::string advice(Errc code, std::string_view what, SessionOf const& of) {
    for (auto const& hint : hints) {
        if (what.find(hint.sign) != std::string_view::npos) return std::string(hint.advice);
    }
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
            if (what.starts_with("StartTLS")) {
                return "the server does not take StartTLS: give it a certificate, use ldaps://, or "
                       "set starttls = false";
            }
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
    auto const more = advice(code, what, of);
    if (!more.empty()) what += "; " + more;
    return what;
}

}  // namespace splitmx::ldap::sync
