#include "admin/ask_dns.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>

namespace splitmx::admin {

namespace {

// The questions of one run; all coroutines refer to it.
class Asking {
public:
    Asking(dns::Resolver resolver, resolver::Self const& self)
        : resolver_(std::move(resolver)), self_(self) {}

    dns::awaitable<void> exchangers(mail::Domain domain);
    dns::awaitable<void> addresses(mail::Domain host);
    lint::DnsFacts take() { return std::move(facts_); }

private:
    bool holds_own(dns::Addresses const& addresses) const {
        return std::any_of(addresses.begin(), addresses.end(), [this](auto const& address) {
            return self_.has_address(address);
        });
    }
    // Is that host this machine? Nothing where the DNS does not tell.
    dns::awaitable<std::optional<bool>> is_own(mail::Domain host);

    dns::Resolver resolver_;
    resolver::Self const& self_;
    lint::DnsFacts facts_;
};

dns::awaitable<std::optional<bool>> Asking::is_own(mail::Domain host) {
    if (self_.has_name(host)) co_return true;
    auto const answer = co_await resolver_.addresses(std::move(host));
    if (std::holds_alternative<dns::Temporary>(answer)) co_return std::nullopt;
    auto const* addresses = std::get_if<dns::Addresses>(&answer);
    co_return addresses != nullptr&& holds_own(*addresses);
}

dns::awaitable<void> Asking::exchangers(mail::Domain domain) {
    auto const answer = co_await resolver_.mail_exchangers(domain);
    if (std::holds_alternative<dns::Temporary>(answer)) co_return;
    std::vector<mail::Domain> hosts;
    if (auto const* list = std::get_if<dns::MailExchangers>(&answer)) {
        for (auto const& exchanger : *list) hosts.push_back(exchanger.host);
    } else if (std::holds_alternative<dns::NoMx>(answer)) {
        hosts.push_back(domain);  // RFC 5321 5.1: its address is its mail exchanger
    }
    lint::MxFact fact;
    fact.form = hosts.empty() ? lint::MxFact::Form::nobody : lint::MxFact::Form::elsewhere;
    for (auto const& host : hosts) {
        fact.hosts.push_back(host.text());
        auto const own = co_await is_own(host);
        if (!own) co_return;
        if (*own) fact.form = lint::MxFact::Form::here;
    }
    facts_.exchangers.emplace(domain.text(), std::move(fact));
}

dns::awaitable<void> Asking::addresses(mail::Domain host) {
    auto const answer = co_await resolver_.addresses(host);
    if (std::holds_alternative<dns::Temporary>(answer)) co_return;
    auto const* found = std::get_if<dns::Addresses>(&answer);
    facts_.addresses.emplace(host.text(), found ? *found : dns::Addresses());
}

}  // namespace

dns::Settings dns_settings(config::Dns const& dns) {
    dns::Settings settings;
    for (auto const& server : dns.servers) {
        settings.servers.push_back(server.address.to_text() + "@" + std::to_string(server.port));
    }
    settings.hosts_file = dns.hosts_file.string();
    settings.dnssec = dns.dnssec;
    return settings;
}

mail::Result<lint::DnsFacts> ask_dns(
    lint::DnsQuestions const& questions, config::Config const& config
) {
    boost::asio::io_context loop{1};
    auto made = dns::Resolver::create(loop.get_executor(), dns_settings(config.dns));
    if (!made) return made.error();
    Asking asking(std::move(*made), config.routing.self);
    std::size_t open = questions.exchangers_of.size() + questions.addresses_of.size();
    auto const done = [&](std::exception_ptr) {
        if (--open == 0) loop.stop();
    };
    for (auto const& domain : questions.exchangers_of) {
        boost::asio::co_spawn(loop, asking.exchangers(domain), done);
    }
    for (auto const& host : questions.addresses_of) {
        boost::asio::co_spawn(loop, asking.addresses(host), done);
    }
    if (open > 0) loop.run();
    return asking.take();
}

}  // namespace splitmx::admin
