#include "tls/identity.hpp"

#include "mail/date_time.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>
#include <stdexcept>
#include <utility>

#include "tls/context.hpp"
#include "tls/identity_material.hpp"

namespace splitmx::tls {

namespace {

using About = IdentityError::About;

IdentityError bad(About about, std::string what) { return {about, std::move(what)}; }

mail::Instant instant_of(ASN1_TIME const* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

// Asked for a password of the key: there is none.
int no_password(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 0;
}

}  // namespace

Identity::Made Identity::from_pem(std::string_view certificate, std::string_view key) {
    ERR_clear_error();
    auto material = std::make_shared<Material>();
    auto const certificates = reader_of(certificate);
    while (X509Ptr one{PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)}) {
        if (!material->certificate)
            material->certificate = std::move(one);
        else
            material->chain.push_back(std::move(one));
    }
    // At the end of the text there is no further start line: all else is damage.
    bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    auto const reason = take_reason("unreadable");
    if (!material->certificate && at_end) {
        return bad(About::certificate, "there is no certificate (PEM) in it");
    }
    if (!at_end) return bad(About::certificate, "a certificate in it is damaged: " + reason);

    bool asked = false;
    auto const keys = reader_of(key);
    material->key.reset(PEM_read_bio_PrivateKey(keys.get(), nullptr, &no_password, &asked));
    auto const why = take_reason("unreadable");
    if (asked) return bad(About::key, "the key is encrypted, and nobody is there to unlock it");
    if (!material->key) return bad(About::key, "there is no private key (PEM) in it: " + why);
    if (X509_check_private_key(material->certificate.get(), material->key.get()) != 1) {
        ERR_clear_error();
        return bad(
            About::key,
            fmt::format(
                "the key does not belong to the certificate of {}", names_in(*material->certificate)
            )
        );
    }
    Identity identity;
    identity.name_ = names_in(*material->certificate);
    identity.not_before_ = instant_of(X509_get0_notBefore(material->certificate.get()));
    identity.not_after_ = instant_of(X509_get0_notAfter(material->certificate.get()));
    identity.material_ = std::move(material);
    auto const trial = Context::for_server(identity);
    if (!trial) return bad(About::certificate, trial.error().what);
    return identity;
}

void throw_exception_from_error(IdentityError const& error, boost::source_location const&) {
    throw std::logic_error("value() of a failed result: " + error.what);
}

std::string validity_trouble(Identity const& identity, mail::Instant now) {
    auto const date = [](mail::Instant instant) { return mail::to_date_time(instant); };
    if (now < identity.not_before()) {
        return "the certificate is not valid before " + date(identity.not_before());
    }
    if (now >= identity.not_after()) {
        return "the certificate has expired, " + date(identity.not_after());
    }
    if (now + warn_ahead >= identity.not_after()) {
        return "the certificate expires soon, " + date(identity.not_after());
    }
    return {};
}

}  // namespace splitmx::tls
