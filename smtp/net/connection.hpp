// A connection: octets both ways over TCP or a Unix socket, in clear or, from some moment on, under
// TLS. A session sees nothing else, so that kinds of transport change this class alone.
// Ownership: owns the socket; move-only, and it stays where it is while an operation is under way
// or a Watchdog looks at it. Threads: one, that of its executor. At most one read and one write at
// once. Errors: the system's. After abort() every operation, also one under way, ends with its
// reason. A closed peer never raises a signal. Memory: a read waits for readiness only, so an idle
// connection holds no buffer, and one buffer can serve all connections of a loop: use its octets
// before the next co_await. Under TLS a peer that goes without close_notify has reset the connection
// (ECONNRESET): what it sent last may have been cut off.
#pragma once

#include "smtp/net/endpoint.hpp"
#include "smtp/net/file_descriptor.hpp"
#include "smtp/net/token.hpp"

#include <boost/asio/generic/stream_protocol.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "tls/stream.hpp"

namespace splitmx::smtp::net {

class Connection {
public:
    // Takes a connected stream socket. Sets it non-blocking and, for TCP, TCP_NODELAY.
    // `peer` helps when the other side is gone already and the system no longer knows it.
    static IoResult<Connection> adopt(
        Executor executor, FileDescriptor socket, std::optional<Endpoint> peer = std::nullopt
    );
    // The same of one that has just connected, without asking the system for what is known. `peer`:
    // none for a Unix socket.
    using Socket = asio::generic::stream_protocol::socket;
    static IoResult<Connection> adopt(Socket socket, std::optional<Endpoint> peer);

    // 1 or more octets; 0 when the peer has ended its side. `into` has room for at least one.
    awaitable<IoResult<std::size_t>> read_some(std::span<char> into);
    // All of it, or an error; how much went out before an error is not known. The octets, and for
    // the second form the list of pieces too, belong to the caller's frame.
    // With `Followed::by_end`, shut_down_write() comes at once and takes the last octets along: one
    // packet, where there would be two.
    enum class Followed { by_more, by_end };
    awaitable<IoResult<void>> write_all(
        std::string_view octets, Followed followed = Followed::by_more
    );
    awaitable<IoResult<void>> write_all(std::span<std::string_view const> pieces);

    // Goes on under TLS, as a server or a client; once, while nothing else is under way. Whoever
    // calls has thrown away what the peer sent before (RFC 3207 4.2). After an error the connection
    // is of no further use. Errors: one line for logs.
    awaitable<mail::Result<tls::Agreed>> accept_tls(tls::ContextPtr context);
    awaitable<mail::Result<tls::Agreed>> connect_tls(tls::ContextPtr context, tls::Peer peer);
    bool is_tls() const { return tls_ != nullptr; }

    // Octets wait to be read, in plain. An end of the connection is none.
    bool has_input();

    // Ends our side; the peer reads the end, and can still send.
    ErrorCode shut_down_write();
    void close();
    // Closes, and ends what is under way with `reason`.
    void abort(ErrorCode reason);
    bool is_open() const { return socket_.is_open(); }

    // Empty for a Unix socket.
    std::optional<Endpoint> const& peer() const { return peer_; }
    std::optional<Endpoint> const& local() const { return local_; }

    // A front end has told whom it connects for: from now on that client is the peer, and local() is
    // where it reached the front end.
    void stand_for(Endpoint peer, Endpoint local);
    std::optional<Endpoint> const& front_end() const { return front_end_; }
    Executor executor() { return socket_.get_executor(); }

private:
    Connection(Socket socket, std::optional<Endpoint> peer, std::optional<Endpoint> local);
    awaitable<ErrorCode> wait(Socket::wait_type readiness);
    static Socket::wait_type readiness_for(tls::Progress::Kind kind);
    bool is_turn_of_others();
    awaitable<IoResult<std::size_t>> read_some_in_clear(std::span<char> into);
    awaitable<mail::Result<tls::Agreed>> shake_hands();
    awaitable<IoResult<std::size_t>> read_some_tls(std::span<char> into);
    awaitable<IoResult<void>> write_all_in_clear(
        std::span<std::string_view const> pieces, int flags
    );
    awaitable<IoResult<void>> write_all_tls(std::span<std::string_view const> pieces);
    ErrorCode tls_failure() const;
    ErrorCode failure(ErrorCode error) const { return reason_ ? reason_ : error; }

    Socket socket_;
    std::optional<Endpoint> peer_;
    std::optional<Endpoint> local_;
    std::optional<Endpoint> front_end_;
    ErrorCode reason_;
    unsigned reads_in_a_row_ = 0;
    // The last read took all there was: asking again at once would be in vain.
    bool is_drained_ = false;
    std::unique_ptr<tls::Stream> tls_;
};

}  // namespace splitmx::smtp::net
