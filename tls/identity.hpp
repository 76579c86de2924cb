// Who we are under TLS: a certificate with its chain, and the key that belongs to it. Both come as
// PEM text; reading files and judging their modes is for who configures them.
// An Identity that exists works: a server context was made of it for a trial.
// Threads: immutable value, cheap to copy. Errors: one line, and which of the two it is about.
// Source: RFC 5280 4.1.2.5 (validity), RFC 7468 (PEM).
#pragma once

#include "mail/clock.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;
struct x509_st;

namespace splitmx::tls {

struct IdentityError {
    enum class About { certificate, key };

    About about = About::certificate;
    std::string what;

    IdentityError() = default;
    IdentityError(About which, std::string text) : about(which), what(std::move(text)) {}
};

class Identity {
public:
    using Made = boost::system::result<Identity, IdentityError>;

    // `certificate`: our own first, then those up to the authority's. An encrypted key is refused:
    // nobody is there to ask for its password.
    static Made from_pem(std::string_view certificate, std::string_view key);

    std::string const& name() const { return name_; }  // "relay1.example.com", for logs
    mail::Instant not_before() const { return not_before_; }
    mail::Instant not_after() const { return not_after_; }

    // For contexts alone.
    struct Material;
    Material const& material() const { return *material_; }

private:
    Identity() = default;

    std::shared_ptr<Material const> material_;
    std::string name_;
    mail::Instant not_before_;
    mail::Instant not_after_;
};

[[noreturn]] void throw_exception_from_error(
    IdentityError const& error, boost::source_location const& location
);

// What to tell an administrator of the time in which it holds: empty while all is well; from
// `warn_ahead` before its end, after it, and before its beginning a sentence.
inline constexpr std::chrono::hours warn_ahead{24 * 14};
std::string validity_trouble(Identity const& identity, mail::Instant now);

}  // namespace splitmx::tls
