#include "admin/host_test.hpp"

#include "admin/ask_dns.hpp"
#include "admin/host_dialogue.hpp"
#include "config/host_access.hpp"
#include "dns/resolver.hpp"
#include "smtp/net/candidates.hpp"
#include "smtp/net/connector.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace splitmx::admin {

namespace {

namespace net = smtp::net;

constexpr mail::Duration step_limit{30'000};

struct ToDial {
    net::ConfiguredEndpoint operator()(resolver::NamedEndpoint const& named) const {
        return net::NamedHost{named.name, named.port};
    }
    net::ConfiguredEndpoint operator()(resolver::AddressEndpoint const& direct) const {
        return net::Endpoint(direct.address, direct.port);
    }
    net::ConfiguredEndpoint operator()(resolver::MxEndpoint const& mx) const {
        return net::MxDomain{mx.domain};
    }
    net::ConfiguredEndpoint operator()(resolver::UnixEndpoint const& local) const {
        return net::UnixSocket(local.path);
    }
};

// All that one test needs while it runs; its coroutines refer to it.
class Dialling {
public:
    Dialling(
        dns::Resolver resolver,
        resolver::Host const& host,
        config::Config const& config,
        DialOptions options,
        HostTest& test
    )
        : dns_(std::move(resolver)),
          host_(host),
          config_(config),
          access_(config::access_to(config, host.name)),
          options_(std::move(options)),
          test_(test) {}

    net::awaitable<void> run();

private:
    net::awaitable<void> dial(net::Candidate candidate);
    net::awaitable<bool> meet(AddressTest& test, net::Candidate candidate, smtp::TlsWish wish);
    net::SelfTest self() const;
    smtp::TlsWish wish_for(net::Candidate const& candidate) const;
    Way way_to(net::Candidate const& candidate, smtp::TlsWish wish) const;

    dns::Resolver dns_;
    resolver::Host const& host_;
    config::Config const& config_;
    config::HostAccess access_;
    DialOptions options_;
    HostTest& test_;
};

net::SelfTest Dialling::self() const {
    auto const& own = config_.routing.self;
    net::SelfTest self;
    self.is_own_name = [&own](mail::Domain const& name, std::uint16_t port) {
        return own.listens_on(port) && own.has_name(name);
    };
    self.is_own_exchanger = [&own](mail::Domain const& name) { return own.has_name(name); };
    self.is_own_address = [&own](mail::IpAddress const& address, std::uint16_t port) {
        return own.listens_on(port) && own.has_address(address);
    };
    return self;
}

smtp::TlsWish Dialling::wish_for(net::Candidate const& candidate) const {
    if (!access_.wants_tls() || candidate.is_local()) return smtp::TlsWish::none;
    return access_.needs_tls() ? smtp::TlsWish::needed : smtp::TlsWish::if_offered;
}

Way Dialling::way_to(net::Candidate const& candidate, smtp::TlsWish wish) const {
    bool const verify = access_.tls == config::HostTls::verify;
    Way way{{}, access_.trust, tls::Peer(candidate.certified_name(), verify), options_.errand};
    way.settings.hostname = config_.server.hostname.text();
    way.settings.lmtp = host_.protocol == resolver::Protocol::lmtp;
    way.settings.longest_wait =
        options_.longest_wait.value_or(access_.timeout.value_or(step_limit));
    way.settings.tls = wish;
    if (access_.login) {
        way.settings.login = smtp::Credentials{access_.login->username, access_.login->password};
    }
    return way;
}

net::awaitable<void> Dialling::run() {
    Stopwatch watch;
    std::vector<net::ConfiguredEndpoint> endpoints;
    for (auto const& address : host_.addresses) {
        endpoints.push_back(std::visit(ToDial{}, address.endpoint));
    }
    auto const is_self = self();
    auto const answer = co_await net::candidates_for(dns_, std::move(endpoints), is_self);
    test_.lookup = watch.lap();
    if (auto const* none = std::get_if<net::NoCandidates>(&answer)) {
        auto const status = none->status();
        test_.trouble = fmt::format("{} ({})", status.text, none->detail);
        test_.is_permanent = status.is_permanent();
        co_return;
    }
    auto const& candidates = std::get<std::vector<net::Candidate>>(answer);
    test_.found = candidates.size();
    for (auto const& candidate : candidates) {
        co_await dial(candidate);
        bool const is_done = test_.addresses.back().outcome.has_value();
        if (is_done) co_return;
    }
}

net::awaitable<void> Dialling::dial(net::Candidate candidate) {
    AddressTest test;
    test.name = candidate.text;
    auto const wish = wish_for(candidate);
    bool const broke = co_await meet(test, candidate, wish);
    if (broke && wish == smtp::TlsWish::if_offered) {
        test.lines.push_back(
            {HostTestLine::Kind::note, std::nullopt, "in clear, as tls = \"may\" has it:"}
        );
        co_await meet(test, candidate, smtp::TlsWish::none);
    }
    test_.addresses.push_back(std::move(test));
}

// True: it broke in the handshake of TLS.
net::awaitable<bool> Dialling::meet(
    AddressTest& test, net::Candidate candidate, smtp::TlsWish wish
) {
    Stopwatch watch;
    auto const prefix = test.name + ": ";
    auto way = way_to(candidate, wish);
    std::vector<net::Candidate> one(1, std::move(candidate));
    auto outcome = co_await net::connect(std::move(one), way.settings.longest_wait, 0);
    auto const after = watch.lap();
    if (!outcome.connection) {
        auto text = outcome.failures.empty() ? "no connection" : outcome.failures.front().text;
        if (text.starts_with(prefix)) text.erase(0, prefix.size());
        test.lines.push_back({HostTestLine::Kind::note, after, std::move(text)});
        co_return false;
    }
    test.lines.push_back({HostTestLine::Kind::note, after, "connected"});
    HostDialogue dialogue(test, std::move(*outcome.connection), std::move(way));
    co_await dialogue.run();
    co_return dialogue.broke_in_handshake();
}

}  // namespace

resolver::HostPtr find_host(std::string const& name, resolver::RoutingTable const& table) {
    auto const known = table.hosts.find(name);
    if (known != table.hosts.end()) return known->second;
    if (name.find_first_of(".:[") == std::string::npos) return nullptr;
    auto address = resolver::HostAddress::parse(name, resolver::Protocol::smtp);
    if (!address) return nullptr;
    auto host = std::make_shared<resolver::Host>();
    host->name = name;
    host->addresses.push_back(std::move(*address));
    return host;
}

mail::Result<HostTest> test_host(
    std::string const& name,
    resolver::Host const& host,
    config::Config const& config,
    DialOptions options
) {
    HostTest test;
    test.host = name;
    for (auto const& address : host.addresses) {
        test.configured += (test.configured.empty() ? "" : ", ") + address.text;
    }
    test.configured = fmt::format("{} {}", resolver::to_text(host.protocol), test.configured);
    boost::asio::io_context loop{1};
    auto made = dns::Resolver::create(loop.get_executor(), dns_settings(config.dns));
    if (!made) return made.error();
    Dialling dialling(std::move(*made), host, config, std::move(options), test);
    boost::asio::co_spawn(loop, dialling.run(), [&loop](std::exception_ptr) { loop.stop(); });
    loop.run();
    return test;
}

}  // namespace splitmx::admin
