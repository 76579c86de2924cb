#include "relay/link.hpp"

#include "smtp/data_writer.hpp"
#include "smtp/net/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;
using smtp::ClientSession;

net::ConfiguredEndpoint to_endpoint(resolver::HostAddress const& address) {
    if (auto const* named = std::get_if<resolver::NamedEndpoint>(&address.endpoint)) {
        return net::NamedHost{named->name, named->port};
    }
    if (auto const* direct = std::get_if<resolver::AddressEndpoint>(&address.endpoint)) {
        return net::Endpoint(direct->address, direct->port);
    }
    if (auto const* mx = std::get_if<resolver::MxEndpoint>(&address.endpoint)) {
        return net::MxDomain{mx->domain};
    }
    return net::UnixSocket(std::get<resolver::UnixEndpoint>(address.endpoint).path);
}

std::vector<net::ConfiguredEndpoint> to_endpoints(resolver::Host const& host) {
    std::vector<net::ConfiguredEndpoint> endpoints;
    for (auto const& address : host.addresses) endpoints.push_back(to_endpoint(address));
    return endpoints;
}

mail::Status unreachable(std::string const& why) { return {451, {4, 1}, why}; }

// The longest wait for a host at any step, where its administrator gave one.
mail::Duration longest_wait(config::Config const& config, std::string const& host) {
    auto const& all = config.host_limits;
    auto const limits =
        std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == host; });
    if (limits == all.end()) return mail::Duration::max();
    return limits->timeout.value_or(mail::Duration::max());
}

}  // namespace

Link::Link(
    net::Connection connection,
    std::string peer,
    smtp::ClientSettings settings,
    std::span<char> buffer
)
    : connection_(std::move(connection)),
      watchdog_(connection_),
      peer_(std::move(peer)),
      session_(std::move(settings)),
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
        more = !chunk->empty();
        if (more)
            writer.write(*chunk, pieces);
        else
            writer.finish(pieces);
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

asio::awaitable<LinkAnswer> open_link(
    Parts& parts, resolver::Host const& host, std::span<char> buffer
) {
    auto endpoints = to_endpoints(host);
    auto const present = parts.settings();
    auto const answer =
        co_await net::candidates_for(present->dns, std::move(endpoints), present->self);
    if (auto const* none = std::get_if<net::NoCandidates>(&answer)) {
        auto status = none->status();
        status.text += " (" + none->detail + ")";
        co_return NoLink{std::move(status)};
    }
    auto const& candidates = std::get<std::vector<net::Candidate>>(answer);
    NoLink failure{unreachable("No address of " + host.name + " could be reached")};
    auto const patience = longest_wait(present->config, host.name);
    auto const connect_limit = std::min(net::connect_timeout, patience);
    for (std::size_t first = 0; first < candidates.size();) {
        auto outcome = co_await net::connect(candidates, connect_limit, first);
        if (!outcome.failures.empty()) failure.status = unreachable(outcome.failures.back().text);
        if (!outcome.connection) break;
        auto const& candidate = candidates[outcome.candidate];
        smtp::ClientSettings settings;
        settings.hostname = present->config.server.hostname.text();
        settings.lmtp = host.protocol == resolver::Protocol::lmtp;
        settings.longest_wait = patience;
        auto link = std::make_unique<Link>(
            std::move(*outcome.connection), candidate.text, std::move(settings), buffer
        );
        auto const step = co_await link->pump();
        if (step == ClientSession::Step::idle) co_return LinkAnswer(std::move(link));
        // A refusal of the connection is no verdict on a recipient.
        auto const& why = link->session().failure();
        failure.status = unreachable(
            fmt::format("{}: {}", candidate.text, why ? why->to_log() : "closed the connection")
        );
        first = outcome.candidate + 1;
    }
    co_return failure;
}

}  // namespace splitmx::relay
