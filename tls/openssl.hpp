// Owners of OpenSSL's objects, and its reasons as text. Included by .cpp files of this room alone.
// Threads: the queue of errors is one for each thread: ask right after the call that failed.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace splitmx::tls {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using SslPtr = std::unique_ptr<SSL, FreeWith<SSL_free>>;

BioPtr reader_of(std::string_view text);

// The newest reason in this thread's queue, which is empty then. `otherwise` where there is none.
std::string take_reason(std::string_view otherwise);

// All names that a certificate is for, "a.example, b.example"; at most a few.
std::string names_in(X509 const& certificate);

}  // namespace splitmx::tls
