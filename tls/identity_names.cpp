#include "tls/identity_names.hpp"

#include <openssl/x509v3.h>

#include "tls/identity_material.hpp"

namespace splitmx::tls {

bool is_for(Identity const& identity, std::string const& host) {
    auto* certificate = identity.material().certificate.get();
    return X509_check_host(certificate, host.data(), host.size(), 0, nullptr) == 1;
}

}  // namespace splitmx::tls
