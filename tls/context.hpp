// What connections have in common: our identity towards clients, or whom we trust as a client.
// TLS 1.2 and 1.3, forward secrecy only, no renegotiation, no compression; buffers are given back
// while a connection is idle. Sessions are resumed by tickets alone, under a key that lives as long
// as its context: whoever keeps a context for long makes a new one now and then.
// Threads: any. Ownership: shared; streams keep theirs. Errors: one line.
// Source: RFC 3207 4, RFC 8996, RFC 9325 4.
#pragma once

#include "mail/result.hpp"

#include <memory>
#include <string>

#include "tls/identity.hpp"

struct ssl_ctx_st;

namespace splitmx::tls {

class Context;
using ContextPtr = std::shared_ptr<Context const>;

class Context {
public:
    static mail::Result<ContextPtr> for_server(Identity const& identity);
    // Trusts the authorities in that file (PEM); empty: those of the system.
    static mail::Result<ContextPtr> for_client(std::string const& ca_file);

    Context(Context const&) = delete;
    Context& operator=(Context const&) = delete;
    ~Context();

    ssl_ctx_st* native() const { return native_; }

private:
    explicit Context(ssl_ctx_st* native) : native_(native) {}

    ssl_ctx_st* native_;
};

}  // namespace splitmx::tls
