// A connection to a next hop with the SMTP or LMTP session on it: greeted, under TLS and logged in
// as the configuration of the host wants it, and ready for a transaction. Threads: one loop.
// Ownership: the courier's. Source: RFC 3207 4, RFC 7435 (what works is better than nothing).
#pragma once

#include "relay/message.hpp"
#include "relay/parts.hpp"
#include "resolver/next_hop.hpp"
#include "smtp/client_session.hpp"
#include "smtp/net/candidates.hpp"
#include "smtp/net/connection.hpp"
#include "smtp/net/watchdog.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::relay {

// How TLS to a host is done, where it is.
struct LinkTls {
    tls::ContextPtr trust;
    tls::Peer peer;
};

class Link {
public:
    Link(
        smtp::net::Connection connection,
        std::string peer,
        smtp::ClientSettings settings,
        LinkTls tls,
        std::span<char> buffer
    );

    // Talks until the session needs a decision: idle, content to send, done or closed.
    boost::asio::awaitable<smtp::ClientSession::Step> pump();
    // The content, dot-stuffed, with its end and what is announced; then pump(). What fails is told
    // to the session. Gives what is wrong with the body: it was not ended then, and the host drops
    // what it has of it.
    boost::asio::awaitable<std::optional<spool::Error>> send(spool::BodyReader reader);
    boost::asio::awaitable<void> quit();

    smtp::ClientSession& session() { return session_; }
    std::string const& peer() const { return peer_; }
    std::optional<tls::Agreed> const& agreed() const { return agreed_; }
    bool broke_in_handshake() const { return broke_in_handshake_; }

private:
    boost::asio::awaitable<void> start_tls();
    boost::asio::awaitable<void> hear_last_words();
    void connection_lost();

    smtp::net::Connection connection_;
    smtp::net::Watchdog watchdog_;
    std::string peer_;  // "mbx1.adatum.com[10.0.0.1]:25"
    smtp::ClientSession session_;
    LinkTls tls_;
    std::optional<tls::Agreed> agreed_;
    bool broke_in_handshake_ = false;
    std::span<char> buffer_;
};

// Why there is no link: what to tell of every recipient that waits for this host.
// In our own words, also where the host said no to the connection.
struct NoLink {
    mail::Status status;
};

using LinkAnswer = std::variant<std::unique_ptr<Link>, NoLink>;

// The addresses of a host, best first, and how many of them have been tried.
struct HostAddresses {
    std::vector<smtp::net::Candidate> all;
    std::size_t tried = 0;

    bool has_more() const { return tried < all.size(); }
};

// To the first address that greets us as it should. `addresses` comes back for open_next_link().
boost::asio::awaitable<LinkAnswer> open_link(
    Parts& parts, resolver::Host const& host, std::span<char> buffer, HostAddresses& addresses
);
// To one of those that have not been tried.
boost::asio::awaitable<LinkAnswer> open_next_link(
    Parts& parts, resolver::Host const& host, std::span<char> buffer, HostAddresses& addresses
);

}  // namespace splitmx::relay
