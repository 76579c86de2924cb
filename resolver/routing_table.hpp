// Everything an administrator has decided, as one value: built once from a configuration, checked,
// then only read. Acceptance and delivery are two tables that never answer for each other
// (Q259531). Threads: immutable after building; shared as a pointer to const. Source: the Routing
// tab, Connections tab and Routing Restrictions of the Internet Mail Service; contract of
// [[domain]] and [host.NAME].
#pragma once

#include "mail/domain.hpp"
#include "mail/mailbox.hpp"
#include "resolver/domain_pattern.hpp"
#include "resolver/next_hop.hpp"
#include "resolver/relay_policy.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace splitmx::resolver {

enum class UnknownMode { reject, ndr, forward };
enum class AmbiguousMode { defer, reject };

// May this domain come in, and is it ours? ("Routing" tab)
struct Inbound {
    UnknownMode unknown = UnknownMode::reject;
    AmbiguousMode ambiguous = AmbiguousMode::defer;
};
struct Reroute {
    mail::Domain to;  // replaces the whole domain part (Q190710, Q307628)
};
struct Relay {
    bool always = false;  // override relay restrictions (Q195969, Q259531)
};
struct AcceptanceRule {
    DomainPattern pattern;
    std::variant<Inbound, Reroute, Relay> action;
    std::string source;  // "FILE:LINE"
};

// To which host does mail for this domain go? ("Connections" tab). It permits nothing.
struct DeliveryRule {
    DomainPattern pattern;
    HostPtr host;
    std::string source;
};

// Rules and their index, filled together.
template <class RuleType>
class RuleTable {
public:
    // False when the pattern is there already.
    bool add(RuleType rule) {
        if (!index_.add(rule.pattern, rules_.size())) return false;
        rules_.push_back(std::move(rule));
        return true;
    }
    RuleType const* find(mail::Domain const& domain) const {
        auto const found = index_.find(domain);
        return found ? &rules_[*found] : nullptr;
    }
    std::vector<RuleType> const& rules() const { return rules_; }

private:
    std::vector<RuleType> rules_;
    DomainIndex index_;
};

// Who we are, so that mail is never sent to ourselves.
struct Self {
    std::vector<mail::Domain> names;
    std::vector<mail::IpAddress> addresses;
    std::vector<std::uint16_t> ports;  // those we listen on
    bool all_loopback = false;         // a listener on the wildcard address answers on all of 127/8

    bool has_address(mail::IpAddress const& address) const;
    bool has_name(mail::Domain const& name) const;
    bool listens_on(std::uint16_t port) const;
};

struct RoutingTable {
    RuleTable<AcceptanceRule> acceptance;
    RuleTable<DeliveryRule> delivery;
    std::unordered_map<std::string, HostPtr> hosts;  // by name in [host.NAME]
    HostPtr mailbox_host;    // for mailboxes without a host of their own; may be null
    HostPtr outbound;        // for domains no rule covers; null = their MX
    std::string subaddress;  // characters that begin a subaddress; empty: there are none
    bool catch_all = false;  // entries may have "@domain"
    RelayPolicy relay;
    std::optional<mail::Mailbox> postmaster;  // [server] postmaster
    Self self;
    // [dns] hosts_file: host records for next hops, by name (Q201127 step 7)
    std::unordered_map<std::string, std::vector<mail::IpAddress>> host_records;
    std::string postmaster_source;
    std::string mailbox_host_source;
    std::string outbound_source;
    // What mail for an address of this machine gets, `x@[192.0.2.1]`: no [[domain]] is asked.
    Inbound own_literals;

    // The host that an entry means: by its name in [host.NAME], in any case. Null: none.
    HostPtr host_named(std::string const& name) const;
};

using RoutingTablePtr = std::shared_ptr<RoutingTable const>;

}  // namespace splitmx::resolver
