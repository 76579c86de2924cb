#include "control/session_settings.hpp"

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
    config.limits.messages = 5;
    config.limits.unknown_recipients = 4;
    config.limits.unknown_limit = 9;
    config.limits.messages_per_minute = 10;
    config.limits.recipients_per_minute = 11;
    config.limits.greeting_delay = mail::Duration(2'000);
    config.limits.session_timeout = mail::Duration(600'000);
    config.limits.command_timeout = mail::Duration(60'000);
    config.limits.data_timeout = mail::Duration(30'000);
    config.limits.exempt = {*mail::Network::parse("192.0.2.0/24")};
    return config;
}

smtp::ServerSettings settings_for(
    mail::IpAddress const& client,
    config::ListenerTls tls = config::ListenerTls::optional,
    bool has_certificate = false
) {
    config::Listener listener;
    listener.tls = tls;
    return control::session_settings(example(), listener, has_certificate, client);
}

}  // namespace

TEST_CASE("A client gets the limits of the configuration") {
    auto const settings = settings_for(*mail::IpAddress::parse("198.51.100.1"));
    CHECK(settings.hostname == "mx.example.com");
    CHECK(settings.max_message == 4711);
    CHECK(settings.max_recipients == 7);
    CHECK(settings.max_errors == 3);
    CHECK(settings.max_messages == 5);
    CHECK(settings.unknown_free == 4);
    CHECK(settings.unknown_limit == 9);
    CHECK(settings.messages_per_minute == 10);
    CHECK(settings.recipients_per_minute == 11);
    CHECK(settings.refuse_early_talk);
    CHECK(settings.greeting_delay == mail::Duration(2'000));
    CHECK(settings.session_timeout == mail::Duration(600'000));
    CHECK(settings.command_timeout == mail::Duration(60'000));
    CHECK(settings.data_timeout == mail::Duration(30'000));
    CHECK(settings.offered.has(smtp::Extension::pipelining));
}

TEST_CASE("An exempt client may err and talk without end, no more") {
    auto const settings = settings_for(*mail::IpAddress::parse("192.0.2.9"));
    CHECK(settings.max_errors == std::numeric_limits<unsigned>::max());
    CHECK(settings.max_messages == std::numeric_limits<std::size_t>::max());
    CHECK(settings.unknown_free == std::numeric_limits<unsigned>::max());
    CHECK(settings.unknown_limit == std::numeric_limits<unsigned>::max());
    CHECK(settings.messages_per_minute == 0);
    CHECK(settings.recipients_per_minute == 0);
    CHECK_FALSE(settings.refuse_early_talk);
    CHECK(settings.greeting_delay == mail::Duration(0));
    CHECK(settings.max_recipients == 7);
}

TEST_CASE("STARTTLS is offered where there is a certificate and the listener wants it") {
    using enum config::ListenerTls;
    struct Row {
        config::ListenerTls tls;
        bool certificate;
        bool offered;
    };
    auto const row = GENERATE(
        Row{off, true, false},
        Row{optional, true, true},
        Row{optional, false, false},
        Row{required, true, true},
        Row{required, false, false}
    );
    auto const settings =
        settings_for(*mail::IpAddress::parse("198.51.100.1"), row.tls, row.certificate);
    CHECK(settings.offered.has(smtp::Extension::starttls) == row.offered);
    CHECK(settings.require_tls == (row.tls == required));
    CHECK_FALSE(settings.implicit_tls);
    CHECK(settings_for(*mail::IpAddress::parse("198.51.100.1"), implicit, true).implicit_tls);
}

TEST_CASE("AUTH is offered where somebody can log in, as the listener wants it") {
    using enum config::ListenerAuth;
    auto const client = *mail::IpAddress::parse("198.51.100.1");
    for (auto const& [listener_has, offered] :
         {std::pair(off, smtp::AuthOffer::never),
          std::pair(under_tls, smtp::AuthOffer::under_tls),
          std::pair(always, smtp::AuthOffer::always)}) {
        config::Listener listener;
        listener.auth = listener_has;
        auto config = example();
        CHECK(
            control::session_settings(config, listener, true, client).auth == smtp::AuthOffer::never
        );
        config.directories.emplace_back();
        CHECK(
            control::session_settings(config, listener, true, client).auth == smtp::AuthOffer::never
        );
        config.directories.back().login = "(uid={login})";
        CHECK(control::session_settings(config, listener, true, client).auth == offered);
    }
}
