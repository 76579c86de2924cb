#include "relay/session_settings.hpp"

#include <catch2/catch.hpp>

#include <limits>

namespace {

using namespace splitmx;

config::Config example() {
    config::Config config{};
    config.server.hostname = *mail::Domain::parse("mx.example.com");
    config.server.max_message = 4711;
    config.limits.recipients = 7;
    config.limits.errors = 3;
    config.limits.command_timeout = mail::Duration(60'000);
    config.limits.data_timeout = mail::Duration(30'000);
    config.limits.exempt = {*mail::Network::parse("192.0.2.0/24")};
    return config;
}

}  // namespace

TEST_CASE("A client gets the limits of the configuration") {
    auto const settings =
        relay::session_settings(example(), *mail::IpAddress::parse("198.51.100.1"));
    CHECK(settings.hostname == "mx.example.com");
    CHECK(settings.max_message == 4711);
    CHECK(settings.max_recipients == 7);
    CHECK(settings.max_errors == 3);
    CHECK(settings.command_timeout == mail::Duration(60'000));
    CHECK(settings.data_timeout == mail::Duration(30'000));
    CHECK(settings.offered.has(smtp::Extension::pipelining));
}

TEST_CASE("An exempt client may err without end, no more") {
    auto const settings = relay::session_settings(example(), *mail::IpAddress::parse("192.0.2.9"));
    CHECK(settings.max_errors == std::numeric_limits<unsigned>::max());
    CHECK(settings.max_recipients == 7);
}
