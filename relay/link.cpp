#include "relay/link.hpp"

#include "smtp/data_writer.hpp"

#include <algorithm>
#include <optional>

namespace splitmx::relay {

namespace asio = boost::asio;
using smtp::ClientSession;

namespace {

// A handshake is a few exchanges.
constexpr mail::Duration host_handshake_limit{60'000};

}  // namespace

Link::Link(
    smtp::net::Connection connection,
    std::string peer,
    smtp::ClientSettings settings,
    LinkTls tls,
    std::span<char> buffer
)
    : connection_(std::move(connection)),
      watchdog_(connection_),
      peer_(std::move(peer)),
      session_(std::move(settings)),
      tls_(std::move(tls)),
      buffer_(buffer) {}

asio::awaitable<ClientSession::Step> Link::pump() {
    std::optional<std::size_t> waiting_since;
    for (;;) {
        auto const step = session_.next();
        auto const output = session_.take_output();
        // Octets that make no whole reply do not prolong the wait.
        if (waiting_since != session_.replies()) {
            waiting_since = session_.replies();
            watchdog_.set(session_.time_limit());
        }
        if (!output.empty()) {
            auto const written = co_await connection_.write_all(output);
            if (!written && step != ClientSession::Step::closed) {
                connection_lost();
                continue;
            }
        }
        if (step == ClientSession::Step::start_tls) {
            co_await start_tls();
            waiting_since.reset();
            continue;
        }
        if (step != ClientSession::Step::need_reply) {
            watchdog_.clear();
            if (step == ClientSession::Step::closed) connection_.close();
            co_return step;
        }
        auto const got = co_await connection_.read_some(buffer_);
        if (got && *got > 0)
            session_.feed(std::string_view(buffer_.data(), *got));
        else
            connection_lost();
    }
}

// What the host has sent before is read and judged: the session takes nothing behind its 220.
asio::awaitable<void> Link::start_tls() {
    watchdog_.set(std::min(session_.time_limit(), host_handshake_limit));
    auto trust = tls_.trust;
    auto peer = tls_.peer;
    auto const agreed = co_await connection_.connect_tls(std::move(trust), std::move(peer));
    if (agreed) {
        agreed_ = *agreed;
        session_.tls_started();
        co_return;
    }
    broke_in_handshake_ = true;
    session_.tls_failed(watchdog_.expired() ? "Timed out" : agreed.error().what);
}

// A host that has seen enough of a message says so, and closes: its reply is there to be read
// though nothing can be written any more.
asio::awaitable<void> Link::hear_last_words() {
    if (!watchdog_.expired()) {
        auto const got = co_await connection_.read_some(buffer_);
        if (got) session_.feed(std::string_view(buffer_.data(), *got));
        session_.next();
    }
    connection_lost();
}

void Link::connection_lost() {
    session_.connection_lost(watchdog_.expired() ? "Timed out" : "Connection lost");
}

asio::awaitable<std::optional<spool::Error>> Link::send(spool::BodyReader reader) {
    smtp::DataWriter writer;
    std::vector<std::string_view> pieces;
    for (bool more = true; more;) {
        pieces.clear();
        auto const chunk = reader.next();
        if (!chunk) {
            session_.connection_lost("The stored message cannot be read");
            co_return chunk.error();
        }
        if (!chunk->empty()) writer.write(*chunk, pieces);
        more = !reader.at_end();
        if (!more) {
            writer.finish(pieces);
            if (session_.has_announced()) pieces.push_back(session_.announcement());
        }
        watchdog_.set(session_.time_limit());
        auto const written = co_await connection_.write_all(pieces);
        if (!written) {
            co_await hear_last_words();
            co_return std::nullopt;
        }
    }
    session_.content_sent();
    co_return std::nullopt;
}

asio::awaitable<void> Link::quit() {
    session_.quit();
    co_await pump();
}

}  // namespace splitmx::relay
