#include "smtp/net/candidates.hpp"

#include "support/fake_dns_server.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace splitmx::smtp::net {

using namespace test;
using Behaviour = FakeDnsServer::Behaviour;

namespace {

mail::Domain domain(std::string const& text) { return mail::Domain::parse(text).value(); }

// This system: relay.example, 192.0.2.200, on ports 25, if `on_25`, and 2525.
SelfTest self_test(bool on_25) {
    auto const own_port = [on_25](std::uint16_t port) {
        return (on_25 && port == 25) || port == 2525;
    };
    SelfTest self;
    self.is_own_name = [own_port](mail::Domain const& name, std::uint16_t port) {
        return name.text() == "relay.example" && own_port(port);
    };
    self.is_own_exchanger = [](mail::Domain const& name) { return name.text() == "relay.example"; };
    self.is_own_address = [own_port](mail::IpAddress const& address, std::uint16_t port) {
        return address.to_text() == "192.0.2.200" && own_port(port);
    };
    return self;
}

std::string cause(NoCandidates const& none) {
    switch (none.cause) {
        case NoCandidates::Cause::temporary:
            return "temporary";
        case NoCandidates::Cause::loop:
            return "loop";
        case NoCandidates::Cause::no_such_domain:
            return "no such domain";
        case NoCandidates::Cause::no_address:
            return "no address";
        case NoCandidates::Cause::null_mx:
            return "null MX";
        case NoCandidates::Cause::no_mx_address:
            return "no MX address";
        case NoCandidates::Cause::unknown_host:
            break;
    }
    return "unknown host";
}

class Fixture {
public:
    Fixture() {
        server.add_a("a.example", "192.0.2.1");
        server.add_a("b.example", "192.0.2.2");
        server.add_a("c.example", "192.0.2.3");
        server.add_aaaa("c.example", "2001:db8::3");
        server.add_a("us.example", "192.0.2.200");
        server.add_a("relay.example", "192.0.2.201");
        server.behave("broken.example", Behaviour::servfail);
    }

    std::string ask(std::vector<ConfiguredEndpoint> endpoints) {
        dns::Settings settings;
        settings.servers = {server.server()};
        auto dns = dns::Resolver::create(loop.get_executor(), settings);
        REQUIRE(dns.has_value());
        auto const self = self_test(listens_on_25);
        auto const answer = run(loop, candidates_for(*dns, std::move(endpoints), self));
        if (auto const* none = std::get_if<NoCandidates>(&answer)) return cause(*none);
        std::string text;
        for (auto const& candidate : std::get<std::vector<Candidate>>(answer)) {
            text += (text.empty() ? "" : " ") + candidate.text;
        }
        return text;
    }

    FakeDnsServer server;
    asio::io_context loop{1};
    bool listens_on_25 = true;
};

struct Mx {
    std::uint16_t preference;
    char const* host;
};

ConfiguredEndpoint host(char const* name, std::uint16_t port = 25) {
    return NamedHost{domain(name), port};
}
ConfiguredEndpoint literal(char const* text) { return Endpoint::parse(text).value(); }
ConfiguredEndpoint mx(char const* name) { return MxDomain{domain(name)}; }

}  // namespace

TEST_CASE("Candidates: mail exchangers, ourselves and the equal or worse taken out (Q182406)") {
    struct Row {
        char const* name;
        std::vector<Mx> exchangers;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"one", {{10, "a.example"}}, "a.example[192.0.2.1]:25"},
        Row{"by preference",
            {{20, "a.example"}, {10, "b.example"}},
            "b.example[192.0.2.2]:25 a.example[192.0.2.1]:25"},
        Row{"IPv6 before IPv4",
            {{10, "c.example"}},
            "c.example[2001:db8::3]:25 c.example[192.0.2.3]:25"},
        Row{"we are the best, by name", {{10, "relay.example"}, {20, "a.example"}}, "loop"},
        Row{"we are the best, by address", {{10, "us.example"}, {20, "a.example"}}, "loop"},
        Row{"we are the only one", {{10, "relay.example"}}, "loop"},
        Row{"we are in the middle, by name",
            {{10, "a.example"}, {20, "relay.example"}, {30, "b.example"}},
            "a.example[192.0.2.1]:25"},
        Row{"we are in the middle, by address",
            {{10, "a.example"}, {20, "us.example"}, {30, "b.example"}},
            "a.example[192.0.2.1]:25"},
        Row{"an equal one goes too, by name", {{10, "a.example"}, {10, "relay.example"}}, "loop"},
        Row{"an equal one goes too, by address", {{10, "a.example"}, {10, "us.example"}}, "loop"},
        Row{"we are the worst",
            {{10, "a.example"}, {99, "relay.example"}},
            "a.example[192.0.2.1]:25"},
        Row{"one without address is passed over",
            {{10, "absent.example"}, {20, "a.example"}},
            "a.example[192.0.2.1]:25"},
        Row{"one that cannot be looked up is passed over",
            {{10, "broken.example"}, {20, "a.example"}},
            "a.example[192.0.2.1]:25"},
        Row{"none with an address", {{10, "absent.example"}}, "no MX address"},
        Row{"none that can be looked up", {{10, "broken.example"}}, "temporary"},
        Row{"not knowing a better one is no loop",
            {{10, "broken.example"}, {20, "us.example"}},
            "temporary"},
        Row{"null MX", {{0, ""}}, "null MX"}
    );
    INFO(row.name);
    Fixture fixture;
    for (auto const& exchanger : row.exchangers) {
        fixture.server.add_mx("dest.example", exchanger.preference, exchanger.host);
    }
    CHECK(fixture.ask({mx("dest.example")}) == row.expected);
}

TEST_CASE("Candidates: a domain without mail exchangers") {
    struct Row {
        char const* name;
        char const* domain;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"its own address (RFC 5321 5.1)", "a.example", "a.example[192.0.2.1]:25"},
        Row{"its own address is ours (Q260247)", "us.example", "loop"},
        Row{"its name is ours", "relay.example", "loop"},
        Row{"no such name", "absent.example", "no such domain"},
        Row{"neither exchanger nor address", "empty.example", "no address"},
        Row{"DNS does not tell", "broken.example", "temporary"}
    );
    INFO(row.name);
    Fixture fixture;
    fixture.server.add_empty("empty.example");
    CHECK(fixture.ask({mx(row.domain)}) == row.expected);
}

TEST_CASE("Candidates: an exchanger of our name is us, though we listen on another port than 25") {
    Fixture fixture;
    fixture.listens_on_25 = false;
    fixture.server.add_mx("dest.example", 10, "a.example");
    fixture.server.add_mx("dest.example", 20, "relay.example");
    fixture.server.add_mx("dest.example", 30, "b.example");
    fixture.server.add_mx("ours.example", 10, "relay.example");
    CHECK(fixture.ask({mx("dest.example")}) == "a.example[192.0.2.1]:25");
    CHECK(fixture.ask({mx("ours.example")}) == "loop");
    CHECK(fixture.ask({mx("relay.example")}) == "loop");
    // Addresses, and hosts that somebody configured, go by their port.
    CHECK(fixture.ask({mx("us.example")}) == "us.example[192.0.2.200]:25");
    CHECK(fixture.ask({host("relay.example")}) == "relay.example[192.0.2.201]:25");
}

TEST_CASE("Candidates: endpoints as configured, in their order") {
    struct Row {
        char const* name;
        std::vector<ConfiguredEndpoint> endpoints;
        char const* expected;
    };
    auto const row = GENERATE(
        Row{"a host and its port", {host("a.example", 2500)}, "a.example[192.0.2.1]:2500"},
        Row{"two hosts",
            {host("b.example"), host("a.example")},
            "b.example[192.0.2.2]:25 a.example[192.0.2.1]:25"},
        Row{"a literal", {literal("[2001:db8::9]:24")}, "[2001:db8::9]:24"},
        Row{"a Unix socket", {UnixSocket("/run/lmtp")}, "unix:/run/lmtp"},
        Row{"a host that does not exist waits", {host("absent.example")}, "unknown host"},
        Row{"a host that cannot be looked up waits", {host("broken.example")}, "temporary"},
        Row{"the second when the first gives nothing",
            {host("absent.example"), literal("192.0.2.9:25")},
            "192.0.2.9:25"},
        Row{"ourselves by name", {host("relay.example", 2525)}, "loop"},
        Row{"our name on another port is somebody else",
            {host("relay.example", 24)},
            "relay.example[192.0.2.201]:24"},
        Row{"ourselves by looked up address", {host("us.example")}, "loop"},
        Row{"ourselves by literal", {literal("192.0.2.200:25")}, "loop"},
        Row{"our address on another port", {literal("192.0.2.200:24")}, "192.0.2.200:24"},
        Row{"a circle and another host",
            {host("us.example"), host("a.example")},
            "a.example[192.0.2.1]:25"},
        Row{"not knowing outweighs a circle",
            {host("us.example"), host("broken.example")},
            "temporary"},
        Row{"nothing", {}, "unknown host"}
    );
    INFO(row.name);
    Fixture fixture;
    CHECK(fixture.ask(row.endpoints) == row.expected);
}

TEST_CASE("Candidates: at most five mail exchangers, of each at most two addresses") {
    Fixture fixture;
    for (int i = 1; i <= 8; ++i) {
        auto const name = "m" + std::to_string(i) + ".example";
        fixture.server.add_mx("large.example", static_cast<std::uint16_t>(i), name);
        for (int k = 0; k < 4; ++k) {
            auto const last = std::to_string(i * 10 + k);
            fixture.server.add_a(name, "198.51.100." + last);
            fixture.server.add_aaaa(name, "2001:db8::" + last);
        }
    }
    auto const text = fixture.ask({mx("large.example")});
    for (int i = 1; i <= 8; ++i) {
        auto const name = "m" + std::to_string(i) + ".example[";
        INFO(text << " has " << name);
        CHECK((text.find(name) != std::string::npos) == (i <= 5));
    }
    // One of each family.
    CHECK(std::count(text.begin(), text.end(), ' ') == 9);
    CHECK(text.find("m1.example[2001:db8::1") < text.find("m1.example[198.51.100.1"));
}

TEST_CASE("Candidates: we are found among equals behind the fifth") {
    Fixture fixture;
    for (int i = 1; i <= 8; ++i) {
        auto const name = "m" + std::to_string(i) + ".example";
        fixture.server.add_mx("large.example", 10, name);
        fixture.server.add_a(name, i == 8 ? "192.0.2.200" : "198.51.100." + std::to_string(i));
    }
    CHECK(fixture.ask({mx("large.example")}) == "loop");
}

TEST_CASE("Candidates: every cause has its status") {
    using Cause = NoCandidates::Cause;
    struct Row {
        Cause cause;
        int code;
        char const* enhanced;
    };
    auto const row = GENERATE(
        Row{Cause::temporary, 451, "4.4.3"},
        Row{Cause::loop, 554, "5.4.6"},
        Row{Cause::no_such_domain, 550, "5.1.2"},
        Row{Cause::no_address, 550, "5.1.2"},
        Row{Cause::null_mx, 550, "5.1.10"},
        Row{Cause::no_mx_address, 554, "5.4.4"},
        Row{Cause::unknown_host, 451, "4.4.4"}
    );
    auto const status = NoCandidates(row.cause, "why").status();
    CHECK(status.code == row.code);
    CHECK(status.enhanced_text() == row.enhanced);
}

}  // namespace splitmx::smtp::net
