#include "smtp/net/candidates.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace splitmx::smtp::net {

namespace {

using Cause = NoCandidates::Cause;
using List = std::vector<Candidate>;

constexpr std::size_t max_addresses_of_mx_host = 2;

std::string quoted(mail::Domain const& name) { return "\"" + name.text() + "\""; }

NoCandidates is_us(mail::Domain const& name) {
    return NoCandidates(Cause::loop, quoted(name) + " is this system");
}

NoCandidates not_known(mail::Domain const& name, dns::Temporary const& answer) {
    return NoCandidates(Cause::temporary, "DNS for " + quoted(name) + ": " + answer.why);
}

bool is_own(SelfTest const& self, dns::Addresses const& addresses, std::uint16_t port) {
    return std::any_of(addresses.begin(), addresses.end(), [&](auto const& address) {
        return self.is_own_address(address, port);
    });
}

// Looks up one host, which is not us by its name. `absent` is what it means when it does not exist.
awaitable<CandidatesAnswer> from_host(
    dns::Resolver& dns, NamedHost host, SelfTest const& self, Cause absent
) {
    if (self.is_own_name(host.name, host.port)) co_return is_us(host.name);
    auto const answer = co_await dns.addresses(host.name);
    if (auto const* temporary = std::get_if<dns::Temporary>(&answer)) {
        co_return not_known(host.name, *temporary);
    }
    auto const* addresses = std::get_if<dns::Addresses>(&answer);
    if (addresses == nullptr) {
        co_return NoCandidates(absent, quoted(host.name) + " has no address");
    }
    if (is_own(self, *addresses, host.port)) co_return is_us(host.name);
    List list;
    for (auto const& address : *addresses) {
        list.emplace_back(Endpoint(address, host.port), host.name.text());
    }
    co_return list;
}

// Of a list sorted by preference, those that are better than ourselves by name.
dns::MailExchangers better_than_us(dns::MailExchangers exchangers, SelfTest const& self) {
    auto const us = std::find_if(exchangers.begin(), exchangers.end(), [&](auto const& exchanger) {
        return self.is_own_exchanger(exchanger.host);
    });
    if (us == exchangers.end()) return exchangers;
    std::uint16_t const limit = us->preference;
    std::erase_if(exchangers, [limit](auto const& exchanger) {
        return exchanger.preference >= limit;
    });
    return exchangers;
}

// The hosts of a domain, best first, as their addresses become known.
class MxCollection {
public:
    void add(std::uint16_t preference, List candidates) {
        if (candidates.size() > max_addresses_of_mx_host) {
            // One of each family is worth more than two of one.
            auto const other = std::find_if(candidates.begin() + 1, candidates.end(), is_v4);
            if (!is_v4(candidates.front()) && other != candidates.end()) {
                std::iter_swap(candidates.begin() + 1, other);
            }
            candidates.erase(candidates.begin() + max_addresses_of_mx_host, candidates.end());
        }
        hosts_.push_back(Host{preference, std::move(candidates)});
    }
    // We are an exchanger of that preference: only better ones stay.
    void drop_from(std::uint16_t preference) {
        std::erase_if(hosts_, [preference](auto const& host) {
            return host.preference >= preference;
        });
    }
    bool is_full_before(std::uint16_t preference) const {
        return hosts_.size() >= max_mx_hosts && hosts_.back().preference < preference;
    }
    List take() {
        List list;
        hosts_.resize(std::min(hosts_.size(), max_mx_hosts));
        for (auto& host : hosts_) {
            std::move(host.candidates.begin(), host.candidates.end(), std::back_inserter(list));
        }
        return list;
    }

private:
    struct Host {
        std::uint16_t preference;
        List candidates;
    };

    static bool is_v4(Candidate const& candidate) {
        return std::get<Endpoint>(candidate.where).address.is_v4();
    }

    std::vector<Host> hosts_;
};

// What to say when several things failed: not knowing comes first, so that nothing is returned for
// good while something may still come; then the circle, which somebody must mend.
class Failures {
public:
    void add(NoCandidates failure) {
        if (!worst_ || rank(failure.cause) < rank(worst_->cause)) worst_ = std::move(failure);
    }
    NoCandidates worst_or(NoCandidates other) const { return worst_ ? *worst_ : other; }

private:
    static int rank(Cause cause) {
        switch (cause) {
            case Cause::temporary:
                return 0;
            case Cause::unknown_host:
                return 1;
            case Cause::loop:
                return 2;
            case Cause::no_mx_address:
            case Cause::null_mx:
            case Cause::no_such_domain:
            case Cause::no_address:
                break;
        }
        return 3;
    }

    std::optional<NoCandidates> worst_;
};

// All hosts of one preference are looked at even when there are enough: one of them may be us.
awaitable<CandidatesAnswer> from_exchangers(
    dns::Resolver& dns, mail::Domain domain, dns::MailExchangers all, SelfTest const& self
) {
    MxCollection collection;
    Failures failures;
    auto const exchangers = better_than_us(std::move(all), self);
    if (exchangers.empty()) co_return is_us(domain);
    for (auto const& exchanger : exchangers) {
        if (collection.is_full_before(exchanger.preference)) break;
        NamedHost host{exchanger.host, smtp_port};
        auto answer = co_await from_host(dns, std::move(host), self, Cause::no_mx_address);
        if (auto* list = std::get_if<List>(&answer)) {
            collection.add(exchanger.preference, std::move(*list));
            continue;
        }
        auto const& failure = std::get<NoCandidates>(answer);
        failures.add(failure);
        if (failure.cause == Cause::loop) {
            collection.drop_from(exchanger.preference);
            break;
        }
    }
    auto list = collection.take();
    if (!list.empty()) co_return list;
    NoCandidates none(Cause::no_mx_address, "no mail exchanger of " + quoted(domain));
    co_return failures.worst_or(std::move(none));
}

awaitable<CandidatesAnswer> from_mx_domain(
    dns::Resolver& dns, mail::Domain domain, SelfTest const& self
) {
    auto answer = co_await dns.mail_exchangers(domain);
    if (auto const* temporary = std::get_if<dns::Temporary>(&answer)) {
        co_return not_known(domain, *temporary);
    }
    if (std::holds_alternative<dns::NoSuchName>(answer)) {
        co_return NoCandidates(Cause::no_such_domain, quoted(domain) + " does not exist");
    }
    if (std::holds_alternative<dns::NullMx>(answer)) {
        co_return NoCandidates(Cause::null_mx, quoted(domain) + " takes no mail (null MX)");
    }
    if (std::holds_alternative<dns::NoMx>(answer)) {
        // RFC 5321 5.1: such a domain is its own exchanger.
        if (self.is_own_exchanger(domain)) co_return is_us(domain);
        NamedHost host{std::move(domain), smtp_port};
        co_return co_await from_host(dns, std::move(host), self, Cause::no_address);
    }
    auto& exchangers = std::get<dns::MailExchangers>(answer);
    co_return co_await from_exchangers(dns, std::move(domain), std::move(exchangers), self);
}

CandidatesAnswer from_literal(Endpoint const& endpoint, SelfTest const& self) {
    if (self.is_own_address(endpoint.address, endpoint.port)) {
        return NoCandidates(Cause::loop, endpoint.to_text() + " is this system");
    }
    return List(1, Candidate(endpoint, endpoint.address.to_literal()));
}

awaitable<CandidatesAnswer> from_endpoint(
    dns::Resolver& dns, ConfiguredEndpoint endpoint, SelfTest const& self
) {
    if (auto* host = std::get_if<NamedHost>(&endpoint)) {
        co_return co_await from_host(dns, std::move(*host), self, Cause::unknown_host);
    }
    if (auto* mx = std::get_if<MxDomain>(&endpoint)) {
        co_return co_await from_mx_domain(dns, std::move(mx->domain), self);
    }
    if (auto const* literal = std::get_if<Endpoint>(&endpoint)) {
        co_return from_literal(*literal, self);
    }
    co_return List(1, Candidate(std::get<UnixSocket>(endpoint)));
}

}  // namespace

Candidate::Candidate(Endpoint endpoint, std::string host_name)
    : where(endpoint), host(std::move(host_name)) {
    text = host.starts_with('[')
               ? endpoint.to_text()
               : host + "[" + endpoint.address.to_text() + "]:" + std::to_string(endpoint.port);
}

Candidate::Candidate(UnixSocket socket)
    : where(socket), host(socket.path), text("unix:" + socket.path) {}

std::string Candidate::certified_name() const {
    auto const* endpoint = std::get_if<Endpoint>(&where);
    bool const is_literal = host.starts_with('[') || mail::IpAddress::parse(host);
    return endpoint && is_literal ? endpoint->address.to_text() : host;
}

mail::Status NoCandidates::status() const {
    switch (cause) {
        case Cause::temporary:
            return mail::Status(451, {4, 3}, "Name service failed, try again later");
        case Cause::loop:
            return mail::Status(554, {4, 6}, "Mail for this address would come back here");
        case Cause::no_such_domain:
            return mail::Status(550, {1, 2}, "Domain of the address does not exist");
        case Cause::no_address:
            return mail::Status(550, {1, 2}, "Domain of the address has no mail system");
        case Cause::null_mx:
            return mail::Status(550, {1, 10}, "Domain of the address takes no mail");
        case Cause::no_mx_address:
            return mail::Status(554, {4, 4}, "No mail exchanger of the domain has an address");
        case Cause::unknown_host:
            break;
    }
    return mail::Status(451, {4, 4}, "Mail host not found, try again later");
}

awaitable<CandidatesAnswer> candidates_for(
    dns::Resolver& dns, std::vector<ConfiguredEndpoint> endpoints, SelfTest const& self
) {
    List list;
    Failures failures;
    for (auto& endpoint : endpoints) {
        auto answer = co_await from_endpoint(dns, std::move(endpoint), self);
        if (auto* found = std::get_if<List>(&answer)) {
            std::move(found->begin(), found->end(), std::back_inserter(list));
        } else {
            failures.add(std::get<NoCandidates>(std::move(answer)));
        }
    }
    if (!list.empty()) co_return list;
    NoCandidates none(Cause::unknown_host, "no address is configured");
    co_return failures.worst_or(std::move(none));
}

}  // namespace splitmx::smtp::net
