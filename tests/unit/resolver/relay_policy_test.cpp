#include "resolver/relay_policy.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;
using namespace splitmx::resolver;

namespace {

RelayPolicy example_policy() {
    RelayPolicy policy;
    policy.deny.push_back(mail::Network::parse("10.0.0.13").value());
    policy.allow.push_back(mail::Network::parse("10.0.0.0/255.255.255.0").value());
    policy.local_addresses.push_back(mail::IpAddress::parse("192.0.2.9").value());
    policy.authenticated = true;
    return policy;
}

Client client(char const* address, char const* local, bool authenticated) {
    Client who{
        mail::IpAddress::parse(address).value(), mail::IpAddress::parse(local).value(), {}, {}};
    if (authenticated) who.identity = "anna";
    return who;
}

}  // namespace

TEST_CASE("relay policy: the order of Q193922") {
    struct Row {
        char const* name;
        char const* address;
        char const* local;
        bool authenticated;
        bool allowed;
        Rule rule;
    };
    auto const row = GENERATE(
        Row{"deny beats allow", "10.0.0.13", "192.0.2.9", true, false, Rule::relay_denied_client},
        Row{"allow", "10.0.0.14", "192.0.2.1", false, true, Rule::relay_allowed_client},
        Row{"mapped IPv4 is IPv4",
            "::ffff:10.0.0.14",
            "192.0.2.1",
            false,
            true,
            Rule::relay_allowed_client},
        Row{"local address", "198.51.100.1", "192.0.2.9", false, true, Rule::relay_local_address},
        Row{"authenticated", "198.51.100.1", "192.0.2.1", true, true, Rule::relay_authenticated},
        Row{"nothing", "198.51.100.1", "192.0.2.1", false, false, Rule::relay_closed}
    );
    CAPTURE(row.name);
    auto const verdict = example_policy().judge(client(row.address, row.local, row.authenticated));
    CHECK(verdict.allowed == row.allowed);
    CHECK(verdict.rule == row.rule);
}

TEST_CASE(
    "relay policy: nothing chosen is closed, and an identity counts only where it is asked for"
) {
    RelayPolicy const closed;
    CHECK_FALSE(closed.judge(client("127.0.0.1", "127.0.0.1", true)).allowed);
}
