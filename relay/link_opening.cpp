// From a host as configured to a link that is ready: its addresses in order, each under the policy
// of the host.
#include "config/host_access.hpp"
#include "relay/link.hpp"
#include "smtp/net/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
namespace net = smtp::net;
using smtp::ClientSession;
using Candidates = std::vector<net::Candidate>;

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

smtp::TlsWish wish_of(config::HostAccess const& access, net::Candidate const& candidate) {
    if (!access.wants_tls() || candidate.is_local()) return smtp::TlsWish::none;
    return access.needs_tls() ? smtp::TlsWish::needed : smtp::TlsWish::if_offered;
}

// A refusal of the connection is no verdict on a recipient.
mail::Status status_of(Link& link) {
    auto const& why = link.session().failure();
    auto status = unreachable(
        fmt::format("{}: {}", link.peer(), why ? why->to_log() : "closed the connection")
    );
    // What TLS or a login has failed of is for the administrator to mend.
    if (why && why->enhanced.subject == 7 && why->is_transient()) {
        status = mail::Status(451, why->enhanced, fmt::format("{}: {}", link.peer(), why->text));
    }
    return status;
}

class Opening {
public:
    Opening(Parts& parts, resolver::Host const& host, std::span<char> buffer)
        : parts_(parts),
          settings_(parts.settings()),
          access_(config::access_to(settings_->config, host.name)),
          lmtp_(host.protocol == resolver::Protocol::lmtp),
          buffer_(buffer) {}

    mail::Duration connect_limit() const {
        return std::min(net::connect_timeout, access_.timeout.value_or(mail::Duration::max()));
    }

    smtp::TlsWish wish(net::Candidate const& candidate) const {
        return wish_of(access_, candidate);
    }

    std::unique_ptr<Link> link(
        net::Connection connection, net::Candidate const& candidate, smtp::TlsWish wish
    ) const {
        smtp::ClientSettings settings;
        settings.hostname = settings_->config.server.hostname.text();
        settings.lmtp = lmtp_;
        settings.longest_wait = access_.timeout.value_or(mail::Duration::max());
        settings.tls = wish;
        settings.is_fallback = wish != this->wish(candidate);
        if (access_.login) {
            settings.login = smtp::Credentials{access_.login->username, access_.login->password};
        }
        bool const verify = access_.tls == config::HostTls::verify;
        LinkTls tls{access_.trust, tls::Peer(candidate.certified_name(), verify)};
        return std::make_unique<Link>(
            std::move(connection), candidate.text, std::move(settings), std::move(tls), buffer_
        );
    }

    void note(Link const& link) const {
        if (!link.agreed()) return;
        bool const verified = access_.tls == config::HostTls::verify;
        parts_.log.write(observe::HostTlsStarted{
            link.peer(), link.agreed()->version, link.agreed()->cipher, verified});
    }

    void note_fallback(Link& link) const {
        parts_.log.warn(
            "tls", status_of(link).text + "; going on in clear, as tls = \"may\" has it"
        );
    }

private:
    Parts& parts_;
    SettingsPtr settings_;
    config::HostAccess access_;
    bool lmtp_;
    std::span<char> buffer_;
};

// Where TLS is only wished for and its handshake breaks: the same address in clear. Otherwise null.
asio::awaitable<std::unique_ptr<Link>> open_in_clear(
    Opening const& opening, Link& broken, net::Candidate candidate
) {
    bool const may = opening.wish(candidate) == smtp::TlsWish::if_offered;
    if (!may || !broken.broke_in_handshake()) co_return nullptr;
    opening.note_fallback(broken);
    Candidates again;
    again.push_back(candidate);
    auto outcome = co_await net::connect(std::move(again), opening.connect_limit());
    if (!outcome.connection) co_return nullptr;
    auto link = opening.link(std::move(*outcome.connection), candidate, smtp::TlsWish::none);
    auto const step = co_await link->pump();
    if (step != ClientSession::Step::idle) co_return nullptr;
    co_return std::move(link);
}

}  // namespace

asio::awaitable<LinkAnswer> open_link(
    Parts& parts, resolver::Host const& host, std::span<char> buffer, HostAddresses& addresses
) {
    auto const present = parts.settings();
    auto endpoints = to_endpoints(host);
    auto answer = co_await net::candidates_for(present->dns, std::move(endpoints), present->self);
    if (auto const* none = std::get_if<net::NoCandidates>(&answer)) {
        auto status = none->status();
        status.text += " (" + none->detail + ")";
        co_return NoLink{std::move(status)};
    }
    addresses.all = std::move(std::get<Candidates>(answer));
    addresses.tried = 0;
    auto link = co_await open_next_link(parts, host, buffer, addresses);
    co_return std::move(link);
}

asio::awaitable<LinkAnswer> open_next_link(
    Parts& parts, resolver::Host const& host, std::span<char> buffer, HostAddresses& addresses
) {
    Opening const opening(parts, host, buffer);
    auto const& candidates = addresses.all;
    NoLink failure{unreachable("No address of " + host.name + " could be reached")};
    while (addresses.has_more()) {
        auto outcome = co_await net::connect(candidates, opening.connect_limit(), addresses.tried);
        if (!outcome.failures.empty()) failure.status = unreachable(outcome.failures.back().text);
        addresses.tried = outcome.connection ? outcome.candidate + 1 : candidates.size();
        if (!outcome.connection) break;
        auto const& candidate = candidates[outcome.candidate];
        auto link =
            opening.link(std::move(*outcome.connection), candidate, opening.wish(candidate));
        auto step = co_await link->pump();
        if (step != ClientSession::Step::idle) {
            auto in_clear = co_await open_in_clear(opening, *link, candidate);
            if (in_clear) co_return LinkAnswer(std::move(in_clear));
            failure.status = status_of(*link);
            continue;
        }
        opening.note(*link);
        co_return LinkAnswer(std::move(link));
    }
    co_return failure;
}

}  // namespace splitmx::relay
