// Opens one connection to a directory server: resolve, connect, StartTLS or TLS, bind.
//
// `connect` blocks and belongs on a thread of its own: libldap's TLS handshake knows no other way
// (a non-blocking descriptor, LDAP_OPT_CONNECT_ASYNC and a network timeout together bound it). All
// of it ends within the timeout, but for the resolver library, which keeps its own time. A stop
// request is seen within a tenth of a second; in the handshake it breaks the connection. Referrals
// are off, the protocol is version 3, server names are checked as they are written in the URI.
// libldap writes without MSG_NOSIGNAL: the program must ignore SIGPIPE. A name with a password is
// sent as it is when `starttls` is false and the scheme is ldap: whether that is allowed is for the
// configuration to decide. StartTLS that fails is an error, never skipped.
#pragma once

#include "ldap/errc.hpp"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

struct ldap;  // libldap's handle

namespace splitmx::ldap::net {

struct ConnectSettings {
    std::string uri;      // ldap://host[:port], ldaps://host[:port], ldapi://%2Fpath%2Fof%2Fsocket
    std::string bind_dn;  // empty: anonymous
    std::string password;
    bool starttls = false;  // for ldap:// only
    std::string tls_ca;     // file of certificates; empty: the system's
    bool tls_verify = true;
    std::chrono::milliseconds timeout{3000};  // for everything
};

// Says goodbye to the server and closes the descriptor.
struct HandleDeleter {
    void operator()(::ldap* handle) const noexcept;
};
using Handle = std::unique_ptr<::ldap, HandleDeleter>;

// A bound handle with a non-blocking descriptor. One handle is for one thread at a time.
// Fails with unreachable, timeout, tls, refused_credentials, stopped, syntax (the URI) and whatever
// the server answers to the bind; Error::what does not name the URI.
[[nodiscard]] Result<Handle> connect(ConnectSettings const& settings, std::stop_token const& stop);

// What protects it, in the library's words: "TLSv1.3"; empty: nothing.
[[nodiscard]] std::string protection_of(::ldap* handle);

}  // namespace splitmx::ldap::net
