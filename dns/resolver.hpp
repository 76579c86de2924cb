// Questions to the DNS: the addresses of a host, and the mail exchangers of a domain.
// A private hosts file comes first for addresses, never for mail exchangers; a change of it is seen
// at the next question. `localhost` and address literals need no DNS. Answers are kept for their
// TTL (at most an hour, 5 minutes for "there is none"); equal questions under way are asked once.
// Failures are never kept. "Temporary" means that nothing is known: wait, never bounce. Ownership:
// outlives the questions asked of it; ends before the loops do, with its own loop at rest or on its
// thread. Threads: ask from any loop; the answer comes back on the asker's. Errors: values. Every
// answer comes within the timeout. Source: RFC 1035 3.3.9, RFC 5321 5.1, RFC 6761 6.3, RFC 7505
// (null MX), RFC 2308 (negative answers).
#pragma once

#include "mail/clock.hpp"
#include "mail/domain.hpp"
#include "mail/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "dns/awaitable.hpp"

namespace splitmx::dns {

struct Settings {
    std::vector<std::string> servers;  // "192.0.2.53", "192.0.2.53@5353"; none: /etc/resolv.conf
    std::string hosts_file;            // a path, or "" for none; one that is not there has no names
    bool dnssec = false;               // validate; a bogus answer is temporary
    mail::Duration timeout{10'000};    // for each question
};

struct NoSuchName {};  // the name does not exist, or has no address
struct Temporary {
    std::string why;

    explicit Temporary(std::string reason) : why(std::move(reason)) {}
};

// At least one; IPv6 first, then IPv4, each in the order of the answer.
using Addresses = std::vector<mail::IpAddress>;
using AddressAnswer = std::variant<Addresses, NoSuchName, Temporary>;

struct MailExchanger {
    std::uint16_t preference;
    mail::Domain host;
};
// Best first; equal preferences in random order (RFC 5321 5.1).
using MailExchangers = std::vector<MailExchanger>;
struct NullMx {};  // the domain takes no mail (RFC 7505)
struct NoMx {};    // the domain has none: its address is its mail exchanger (RFC 5321 5.1)
using MxAnswer = std::variant<MailExchangers, NullMx, NoMx, NoSuchName, Temporary>;

class Resolver {
public:
    // `loop` is where answers of the library are taken in.
    static mail::Result<Resolver> create(Executor loop, Settings settings);
    Resolver(Resolver&&) noexcept;
    Resolver& operator=(Resolver&&) noexcept;
    ~Resolver();

    awaitable<AddressAnswer> addresses(mail::Domain name);
    awaitable<MxAnswer> mail_exchangers(mail::Domain domain);

private:
    class Core;
    explicit Resolver(std::shared_ptr<Core> core);

    std::shared_ptr<Core> core_;
};

}  // namespace splitmx::dns
