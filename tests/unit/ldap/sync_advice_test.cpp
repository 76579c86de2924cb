#include "ldap/sync_advice.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace splitmx::ldap;

TEST_CASE("advice: what Active Directory means by its numbers, and others by their words") {
    struct Row {
        Errc code;
        std::string what;
        std::string advice;  // a part
    };
    std::string const bind = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, ";
    auto const row = GENERATE_COPY(
        Row{Errc::refused_credentials, bind + "data 52e, v4563", "check the password"},
        Row{Errc::refused_credentials, bind + "data 525, v4563", "no such account"},
        Row{Errc::refused_credentials, bind + "data 532, v4563", "expired"},
        Row{Errc::refused_credentials, bind + "data 533, v4563", "disabled"},
        Row{Errc::refused_credentials, bind + "data 775, v4563", "locked out"},
        Row{Errc::stronger_auth_required,
            "00002028: LdapErr: DSID-0C09023C, comment: The server requires binds to turn on "
            "integrity checking if SSL\\TLS are not already active on the connection",
            "ldaps:// or starttls = true"},
        Row{Errc::stronger_auth_required,
            "BindSimple: Transport encryption required.",
            "ldaps:// or starttls = true"},
        Row{Errc::server_failure,
            "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a "
            "successful bind must be completed",
            "give bind_dn and password"},
        Row{Errc::tls,
            "StartTLS: the server answers 2 (Protocol error): unsupported extended operation",
            "the server does not take StartTLS"},
        Row{Errc::tls, "TLS handshake with 'dc1'", "check tls_ca"},
        Row{Errc::refused_credentials, "Invalid credentials", "check bind_dn and password"}
    );
    CAPTURE(row.what);
    auto const text = sync::with_advice(row.code, row.what, {"ldap://dc1", "relay@x", "DC=x"});
    CHECK_THAT(text, Catch::StartsWith(row.what + "; ") && Catch::Contains(row.advice));
}
