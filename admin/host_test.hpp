// Dials a next hop as the relay would: finds its addresses, connects, greets, and takes its leave;
// for a probe it asks about a recipient first, or hands over a message. Threads: blocking, half a
// minute a step at most. Errors: what fails is what is told. Source: RFC 5321 3.1, 3.2 (session,
// EHLO).
#pragma once

#include "config/config.hpp"
#include "mail/clock.hpp"
#include "mail/result.hpp"
#include "mail/status.hpp"
#include "resolver/next_hop.hpp"
#include "resolver/routing_table.hpp"
#include "smtp/client_session.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::admin {

// One line of what happened at an address.
struct HostTestLine {
    enum class Kind { note, sent, received };
    Kind kind = Kind::note;
    std::optional<mail::Duration> after;  // it took since what came before; none: it came with that
    std::string text;
};

struct AddressTest {
    std::string name;  // "mx1.example.com[192.0.2.1]:25"
    bool works = false;
    std::vector<HostTestLine> lines;
    std::optional<mail::Status> outcome;  // of a probe: the host's word on the recipient
};

struct HostTest {
    std::string host;           // as it was asked for
    std::string configured;     // "smtp  notes1.adatum.com:25, notes2.adatum.com:25"
    mail::Duration lookup{};    // of the addresses
    std::size_t found = 0;      // of them
    std::string trouble;        // why there is no address to try; empty: there are some
    bool is_permanent = false;  // the trouble will not pass by itself
    std::vector<AddressTest> addresses;

    bool works() const;
};

// What is asked of a host besides its greeting. The first address that answers is the last one.
struct Errand {
    smtp::Delivery delivery;  // of one recipient
    std::string content;      // where it is not about the envelope alone
};

// A [host.NAME], or what stands in its place in an entry: "mx:example.net", "mbx1.adatum.com:25".
resolver::HostPtr find_host(std::string const& name, resolver::RoutingTable const& table);

struct DialOptions {
    std::optional<mail::Duration> longest_wait;  // a step; none: as the host has it
    std::optional<Errand> errand;
};

// Errors: no resolver can be set up.
mail::Result<HostTest> test_host(
    std::string const& name,
    resolver::Host const& host,
    config::Config const& config,
    DialOptions options = {}
);

std::string to_text(HostTest const& test);
// Its dialogues alone, without what they mean.
std::string dialogue_text(HostTest const& test);

}  // namespace splitmx::admin
