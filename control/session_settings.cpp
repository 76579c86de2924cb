#include "control/session_settings.hpp"

#include "directory/login.hpp"

#include <algorithm>
#include <limits>

namespace splitmx::control {

namespace {

smtp::AuthOffer auth_offer(config::Config const& config, config::Listener const& listener) {
    if (!directory::lets_people_log_in(config.directories)) return smtp::AuthOffer::never;
    switch (listener.auth) {
        case config::ListenerAuth::off:
            break;
        case config::ListenerAuth::under_tls:
            return smtp::AuthOffer::under_tls;
        case config::ListenerAuth::always:
            return smtp::AuthOffer::always;
    }
    return smtp::AuthOffer::never;
}

}  // namespace

smtp::ServerSettings session_settings(
    config::Config const& config,
    config::Listener const& listener,
    bool has_certificate,
    mail::IpAddress const& client
) {
    bool const is_exempt = config.limits.is_exempt(client);
    smtp::ServerSettings settings;
    using enum config::ListenerTls;
    settings.implicit_tls = listener.tls == implicit;
    settings.require_tls = listener.tls == required;
    if (has_certificate && listener.tls != off) settings.offered.add(smtp::Extension::starttls);
    settings.auth = auth_offer(config, listener);
    settings.hostname = config.server.hostname.text();
    settings.max_message = config.server.max_message;
    settings.max_recipients = config.limits.recipients;
    settings.max_errors = is_exempt ? std::numeric_limits<unsigned>::max() : config.limits.errors;
    settings.refuse_early_talk = !is_exempt;
    if (!is_exempt)
        settings.greeting_delay = config.limits.greeting_delay.value_or(mail::Duration());
    settings.session_timeout = config.limits.session_timeout;
    settings.max_messages =
        is_exempt ? std::numeric_limits<std::size_t>::max() : config.limits.messages;
    if (is_exempt) {
        settings.unknown_free = settings.unknown_limit = std::numeric_limits<unsigned>::max();
    } else {
        settings.unknown_free = config.limits.unknown_recipients;
        settings.unknown_limit = config.limits.unknown_limit;
        settings.messages_per_minute = config.limits.messages_per_minute;
        settings.recipients_per_minute = config.limits.recipients_per_minute;
    }
    settings.command_timeout = config.limits.command_timeout;
    settings.data_timeout = config.limits.data_timeout;
    return settings;
}

bool admits(config::Listener const& listener, mail::IpAddress const& client) {
    auto const& allow = listener.allow;
    return allow.empty() || std::any_of(allow.begin(), allow.end(), [&](auto const& network) {
               return network.contains(client);
           });
}

mail::Status not_admitted() { return {554, {7, 1}, "You may not connect here"}; }

}  // namespace splitmx::control
