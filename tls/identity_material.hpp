// What an Identity holds, for the two files that make and use it.
// Threads: shared and not changed.
#pragma once

#include <vector>

#include "tls/identity.hpp"
#include "tls/openssl.hpp"

namespace splitmx::tls {

struct Identity::Material {
    X509Ptr certificate;
    std::vector<X509Ptr> chain;
    KeyPtr key;
};

}  // namespace splitmx::tls
