#include "tls/context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tls/identity_material.hpp"

namespace splitmx::tls {

namespace {

// RFC 9325 4.2: authenticated encryption with an ephemeral exchange. Those of TLS 1.3 all are.
constexpr auto ciphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDHE+AES:!aNULL:!PSK:!SRP:!DSS:!MD5";
constexpr std::string_view session_context = "splitmx";

mail::Error failure(std::string_view what) {
    return {fmt::format("{}: {}", what, take_reason("no memory")), 0};
}

void set_up(SSL_CTX* native) {
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(native, ciphers);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(
        native,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
            SSL_MODE_RELEASE_BUFFERS
    );
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
}

// Authorities by the hashes of their names, looked at when one is needed. The file of all of them
// takes longer to read than the rest of a start.
bool has_hashed_authorities() {
    if (std::getenv(X509_get_default_cert_file_env()) != nullptr) return false;
    char const* const chosen = std::getenv(X509_get_default_cert_dir_env());
    std::error_code failure;
    std::filesystem::directory_iterator entry(
        chosen != nullptr ? chosen : X509_get_default_cert_dir(), failure
    );
    for (std::filesystem::directory_iterator const end; !failure && entry != end;) {
        if (entry->path().extension() == ".0") return true;
        entry.increment(failure);
    }
    return false;
}

bool trust_system(SSL_CTX* native) {
    if (has_hashed_authorities()) return SSL_CTX_set_default_verify_dir(native) == 1;
    return SSL_CTX_set_default_verify_paths(native) == 1;
}

}  // namespace

Context::~Context() { SSL_CTX_free(native_); }

mail::Result<ContextPtr> Context::for_server(Identity const& identity) {
    ERR_clear_error();
    auto* const native = SSL_CTX_new(TLS_server_method());
    if (native == nullptr) return failure("TLS cannot be set up");
    std::shared_ptr<Context const> context(new Context(native));
    set_up(native);
    SSL_CTX_set_dh_auto(native, 1);
    SSL_CTX_set_num_tickets(native, 1);
    SSL_CTX_set_session_id_context(
        native,
        reinterpret_cast<unsigned char const*>(session_context.data()),
        static_cast<unsigned>(session_context.size())
    );
    auto const& material = identity.material();
    if (SSL_CTX_use_certificate(native, material.certificate.get()) != 1) {
        return failure("the certificate cannot be used");
    }
    for (auto const& one : material.chain) {
        if (SSL_CTX_add1_chain_cert(native, one.get()) != 1) {
            return failure("a certificate of the chain cannot be used");
        }
    }
    if (SSL_CTX_use_PrivateKey(native, material.key.get()) != 1) {
        return failure("the key cannot be used");
    }
    return context;
}

mail::Result<ContextPtr> Context::for_client(std::string const& ca_file) {
    ERR_clear_error();
    auto* const native = SSL_CTX_new(TLS_client_method());
    if (native == nullptr) return failure("TLS cannot be set up");
    std::shared_ptr<Context const> context(new Context(native));
    set_up(native);
    if (ca_file.empty()) {
        if (!trust_system(native)) {
            return failure("the certificates of the system's authorities cannot be read");
        }
        return context;
    }
    if (SSL_CTX_load_verify_file(native, ca_file.c_str()) != 1) {
        return failure(fmt::format("{}: no certificates can be read from it", ca_file));
    }
    // An administrator who names one certificate trusts that one, be it no root.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(native), X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

}  // namespace splitmx::tls
