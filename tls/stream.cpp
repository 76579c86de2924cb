#include "tls/stream.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "tls/openssl.hpp"

namespace splitmx::tls {

namespace {

// -- OpenSSL's way to the descriptor: as its own, but that a write raises no signal --------------

int descriptor_of(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int retry_or_fail(BIO* bio, ssize_t count, int direction) {
    BIO_clear_retry_flags(bio);
    if (count >= 0) return static_cast<int>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY);
    return -1;
}

int read_socket(BIO* bio, char* into, int size) {
    ssize_t got = 0;
    do {
        got = ::recv(descriptor_of(bio), into, static_cast<std::size_t>(size), 0);
    } while (got < 0 && errno == EINTR);
    // OpenSSL asks for it after an end, to tell that from a failure.
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return retry_or_fail(bio, got, BIO_FLAGS_READ);
}

int write_socket(BIO* bio, char const* octets, int size) {
    ssize_t sent = 0;
    do {
        sent = ::send(descriptor_of(bio), octets, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return retry_or_fail(bio, sent, BIO_FLAGS_WRITE);
}

long control_socket(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD const* socket_method() {
    static BIO_METHOD const* const method = [] {
        auto* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        BIO_meth_set_read(made, read_socket);
        BIO_meth_set_write(made, write_socket);
        BIO_meth_set_ctrl(made, control_socket);
        return made;
    }();
    return method;
}

BIO* socket_bio(int descriptor) {
    auto* const bio = BIO_new(socket_method());
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    BIO_set_init(bio, 1);
    return bio;
}

bool is_address(std::string const& name) {
    std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>> const address(
        a2i_IPADDRESS(name.c_str())
    );
    return address != nullptr;
}

// As the macro SSL_set_tlsext_host_name does.
void set_server_name(SSL* ssl, std::string name) {
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

// Of a certificate that is not good enough: notes its names while they are known.
int note_names(int is_good, X509_STORE_CTX* store) {
    auto const* const certificate = X509_STORE_CTX_get_current_cert(store);
    if (is_good == 1 || certificate == nullptr) return is_good;
    auto* const ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    *static_cast<std::string*>(SSL_get_ex_data(ssl, 0)) = names_in(*certificate);
    return is_good;
}

// Why a certificate was not good enough, with what an administrator can compare.
std::string verify_failure(SSL* ssl, std::string const& peer, std::string const& names) {
    auto const result = SSL_get_verify_result(ssl);
    if (result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH) {
        return fmt::format("the certificate is not for {}, but for {}", peer, names);
    }
    return fmt::format(
        "the certificate cannot be trusted: {}", X509_verify_cert_error_string(result)
    );
}

}  // namespace

Stream::Stream(ContextPtr context, int descriptor)
    : context_(std::move(context)), ssl_(SSL_new(context_->native())) {
    if (ssl_ == nullptr) throw std::bad_alloc();
    auto* const bio = socket_bio(descriptor);
    SSL_set_bio(ssl_, bio, bio);
}

Stream::Stream(Stream&& other) noexcept
    : context_(std::move(other.context_)),
      ssl_(std::exchange(other.ssl_, nullptr)),
      peer_(std::move(other.peer_)),
      names_(std::move(other.names_)),
      failure_(std::move(other.failure_)),
      system_error_(other.system_error_) {}

Stream::~Stream() { SSL_free(ssl_); }

Stream Stream::server(ContextPtr context, int descriptor) {
    Stream stream(std::move(context), descriptor);
    SSL_set_accept_state(stream.ssl_);
    return stream;
}

Stream Stream::client(ContextPtr context, int descriptor, Peer const& peer) {
    Stream stream(std::move(context), descriptor);
    SSL_set_connect_state(stream.ssl_);
    stream.peer_ = peer.name;
    bool const address = is_address(peer.name);
    // RFC 6066 3: no address literals.
    if (!address) set_server_name(stream.ssl_, peer.name);
    if (!peer.verify) return stream;
    stream.names_ = std::make_unique<std::string>();
    SSL_set_ex_data(stream.ssl_, 0, stream.names_.get());
    SSL_set_verify(stream.ssl_, SSL_VERIFY_PEER, &note_names);
    auto* const wanted = SSL_get0_param(stream.ssl_);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (address)
        X509_VERIFY_PARAM_set1_ip_asc(wanted, peer.name.c_str());
    else
        X509_VERIFY_PARAM_set1_host(wanted, peer.name.c_str(), peer.name.size());
    return stream;
}

Progress Stream::handshake() {
    ERR_clear_error();
    return result_of(SSL_do_handshake(ssl_), 0);
}

Progress Stream::read(std::span<char> into) {
    ERR_clear_error();
    std::size_t octets = 0;
    int const returned = SSL_read_ex(ssl_, into.data(), into.size(), &octets);
    return result_of(returned, octets);
}

Progress Stream::write(std::string_view text) {
    ERR_clear_error();
    std::size_t octets = 0;
    int const returned = SSL_write_ex(ssl_, text.data(), text.size(), &octets);
    return result_of(returned, octets);
}

void Stream::say_end() {
    if (system_error_ != 0 || SSL_in_init(ssl_) != 0) return;
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
}

Progress Stream::result_of(int returned, std::size_t octets) {
    if (returned > 0) return {Progress::Kind::done, octets};
    auto const error = errno;
    auto const kind = SSL_get_error(ssl_, returned);
    if (kind == SSL_ERROR_WANT_READ) return {Progress::Kind::wants_read, 0};
    if (kind == SSL_ERROR_WANT_WRITE) return {Progress::Kind::wants_write, 0};
    if (kind == SSL_ERROR_ZERO_RETURN) return {Progress::Kind::ended, 0};
    note_failure(kind, error);
    return {Progress::Kind::failed, 0};
}

void Stream::note_failure(int kind, int error) {
    auto const reason = ERR_GET_REASON(ERR_peek_last_error());
    if (kind == SSL_ERROR_SYSCALL) {
        system_error_ = error != 0 && ERR_peek_last_error() == 0 ? error : ECONNRESET;
        failure_ = std::strerror(system_error_);
    } else if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        system_error_ = ECONNRESET;
        failure_ = "the peer closed the connection";
    } else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        system_error_ = EPROTO;
        failure_ = verify_failure(ssl_, peer_, *names_);
    } else {
        system_error_ = EPROTO;
        failure_ = take_reason("the peer broke the protocol");
    }
    ERR_clear_error();
}

Agreed Stream::agreed() const {
    Agreed what;
    what.version = SSL_get_version(ssl_);
    auto const* cipher = SSL_get_current_cipher(ssl_);
    if (cipher != nullptr) what.cipher = SSL_CIPHER_standard_name(cipher);
    return what;
}

}  // namespace splitmx::tls
