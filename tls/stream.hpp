// One connection's TLS over a non-blocking descriptor, without waiting: each call does what can be
// done now, and says what it waits for. Its owner waits, and calls again with the same octets.
// Ownership: the descriptor stays its owner's, and outlives the stream's last call. Threads: one at
// a time. Errors: after `failed` the stream is of no further use; failure() is one line for logs.
// A closed peer never raises a signal. Memory: buffers only while there is something in them.
// Source: RFC 8446, RFC 5246, RFC 6125 6.4 (names).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tls/context.hpp"

struct ssl_st;

namespace splitmx::tls {

// Whom we expect at the other end.
struct Peer {
    std::string name;     // a host name, or an IP address; for SNI, and for the check
    bool verify = false;  // it must prove the name, by an authority of the context

    Peer(std::string who, bool prove) : name(std::move(who)), verify(prove) {}
};

struct Progress {
    enum class Kind {
        done,         // `octets` of them
        wants_read,   // call again when there is something to read
        wants_write,  // call again when there is room to write
        ended,        // the peer has said that it ends (close_notify)
        failed,
    };

    Kind kind = Kind::failed;
    std::size_t octets = 0;
};

// What the handshake agreed on.
struct Agreed {
    std::string version;  // "TLSv1.3"
    std::string cipher;   // "TLS_AES_256_GCM_SHA384"
};

class Stream {
public:
    static Stream server(ContextPtr context, int descriptor);
    static Stream client(ContextPtr context, int descriptor, Peer const& peer);
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept = delete;
    ~Stream();

    Progress handshake();
    Progress read(std::span<char> into);
    Progress write(std::string_view octets);
    // Tells the peer that nothing more will come; what does not fit now is not sent.
    void say_end();

    Agreed agreed() const;
    std::string const& failure() const { return failure_; }
    // For `failed`: what the system says, ECONNRESET where the peer left without a word, EPROTO
    // where it broke the protocol.
    int system_error() const { return system_error_; }

private:
    Stream(ContextPtr context, int descriptor);
    Progress result_of(int returned, std::size_t octets);
    void note_failure(int kind, int error);

    ContextPtr context_;
    ssl_st* ssl_;
    std::string peer_;                    // whose name was to be proved
    std::unique_ptr<std::string> names_;  // that its certificate has, when they are wrong
    std::string failure_;
    int system_error_ = 0;
};

}  // namespace splitmx::tls
