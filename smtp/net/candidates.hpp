// From the next hop as configured to the addresses to try, in order.
// For mail exchangers ourselves and everyone of equal or worse preference are taken out, so that
// mail never goes in a circle (Q182406, RFC 5321 5.1). A host is found by its host records, never
// by MX (Q201127). Where some endpoints give nothing, the others still count. Threads: the caller's
// loop. Errors: values; an unknown host that an administrator named makes mail wait, an unknown
// domain of a recipient is final.
#pragma once

#include "dns/resolver.hpp"
#include "mail/domain.hpp"
#include "mail/status.hpp"
#include "smtp/net/endpoint.hpp"
#include "smtp/net/token.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace splitmx::smtp::net {

inline constexpr std::size_t max_mx_hosts = 5;
inline constexpr std::uint16_t smtp_port = 25;

struct NamedHost {
    mail::Domain name;
    std::uint16_t port;
};
struct MxDomain {
    mail::Domain domain;
};
struct UnixSocket {
    std::string path;

    UnixSocket() = default;
    explicit UnixSocket(std::string where) : path(std::move(where)) {}
};
using ConfiguredEndpoint = std::variant<NamedHost, Endpoint, MxDomain, UnixSocket>;

// One place to connect to.
struct Candidate {
    std::variant<Endpoint, UnixSocket> where;
    std::string host;  // its name; of a literal the literal, of a Unix socket the path
    std::string text;  // for logs: "mx1.example.com[192.0.2.1]:25"

    Candidate(Endpoint endpoint, std::string host_name);
    explicit Candidate(UnixSocket socket);

    bool is_local() const { return std::holds_alternative<UnixSocket>(where); }
    // What its certificate has to be for: the name, or of a literal the address.
    std::string certified_name() const;
};

// Is that this system, listening on that port? Asked on the caller's loop.
struct SelfTest {
    std::function<bool(mail::Domain const&, std::uint16_t)> is_own_name;
    // As a mail exchanger: whatever we listen on, port 25 of that name leads here.
    std::function<bool(mail::Domain const&)> is_own_exchanger;
    std::function<bool(mail::IpAddress const&, std::uint16_t)> is_own_address;
};

struct NoCandidates {
    enum class Cause {
        temporary,       // DNS did not tell: 451 4.4.3
        loop,            // it would be us: 554 5.4.6
        no_such_domain,  // 550 5.1.2
        no_address,      // the domain has neither a mail exchanger nor an address: 550 5.1.2
        null_mx,         // 550 5.1.10
        no_mx_address,   // mail exchangers, but none with an address: 554 5.4.4
        unknown_host,    // a configured host that does not exist: 451 4.4.4
    };
    Cause cause;
    std::string detail;  // for the administrator

    NoCandidates(Cause why, std::string text) : cause(why), detail(std::move(text)) {}
    mail::Status status() const;
};

using CandidatesAnswer = std::variant<std::vector<Candidate>, NoCandidates>;

// `dns` and `self` outlive the call.
awaitable<CandidatesAnswer> candidates_for(
    dns::Resolver& dns, std::vector<ConfiguredEndpoint> endpoints, SelfTest const& self
);

}  // namespace splitmx::smtp::net
