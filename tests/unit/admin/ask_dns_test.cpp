// `lint --dns` against a DNS of our own.
#include "admin/ask_dns.hpp"

#include "support/fake_dns_server.hpp"

#include <catch2/catch.hpp>

using namespace splitmx;

namespace {

mail::Domain domain(std::string const& text) { return mail::Domain::parse(text).value(); }

config::Config config_for(std::string const& server) {
    config::Config config;
    auto const at = server.find('@');
    config::Endpoint endpoint;
    endpoint.address = mail::IpAddress::parse(server.substr(0, at)).value();
    endpoint.port = static_cast<std::uint16_t>(std::stoi(server.substr(at + 1)));
    config.dns.servers = {endpoint};
    config.routing.self.names = {domain("relay1.adatum.com")};
    config.routing.self.addresses = {mail::IpAddress::parse("192.0.2.1").value()};
    return config;
}

std::string to_text(lint::DnsFacts const& facts, std::string const& name) {
    auto const found = facts.exchangers.find(name);
    if (found == facts.exchangers.end()) return "unknown";
    switch (found->second.form) {
        case lint::MxFact::Form::here:
            return "here";
        case lint::MxFact::Form::elsewhere:
            return "elsewhere";
        case lint::MxFact::Form::nobody:
            break;
    }
    return "nobody";
}

}  // namespace

TEST_CASE("lint asks who the mail exchangers are, and takes no answer for none", "[lint]") {
    using smtp::net::test::FakeDnsServer;
    FakeDnsServer server;
    server.add_mx("by-name.example", 10, "relay1.adatum.com");
    server.add_mx("by-address.example", 20, "mx2.example");
    server.add_mx("by-address.example", 10, "mx1.example");
    server.add_a("mx1.example", "192.0.2.9");
    server.add_a("mx2.example", "192.0.2.1");
    server.add_mx("other.example", 10, "mx1.example");
    server.add_a("no-mx.example", "192.0.2.1");
    server.add_mx("null.example", 0, "");
    server.behave("broken.example", FakeDnsServer::Behaviour::servfail);
    server.add_mx("half.example", 10, "broken.example");
    lint::DnsQuestions questions;
    for (auto const* name :
         {"by-name.example",
          "by-address.example",
          "other.example",
          "no-mx.example",
          "null.example",
          "gone.example",
          "broken.example",
          "half.example"}) {
        questions.exchangers_of.push_back(domain(name));
    }
    for (auto const* name : {"mx1.example", "gone.example", "broken.example"}) {
        questions.addresses_of.push_back(domain(name));
    }
    auto const facts = admin::ask_dns(questions, config_for(server.server()));
    REQUIRE(facts.has_value());
    CHECK(to_text(*facts, "by-name.example") == "here");
    CHECK(to_text(*facts, "by-address.example") == "here");
    CHECK(to_text(*facts, "other.example") == "elsewhere");
    CHECK(to_text(*facts, "no-mx.example") == "here");
    CHECK(to_text(*facts, "null.example") == "nobody");
    CHECK(to_text(*facts, "gone.example") == "nobody");
    CHECK(to_text(*facts, "broken.example") == "unknown");
    CHECK(to_text(*facts, "half.example") == "unknown");
    CHECK(facts->addresses.at("mx1.example").size() == 1);
    CHECK(facts->addresses.at("gone.example").empty());
    CHECK_FALSE(facts->addresses.contains("broken.example"));
}

TEST_CASE("lint with nothing to ask waits for nobody", "[lint]") {
    smtp::net::test::FakeDnsServer const server;
    auto const facts = admin::ask_dns({}, config_for(server.server()));
    REQUIRE(facts.has_value());
    CHECK(facts->exchangers.empty());
}
