#include "relay/session_settings.hpp"

#include "directory/login.hpp"

#include <limits>

namespace splitmx::relay {

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
    settings.command_timeout = config.limits.command_timeout;
    settings.data_timeout = config.limits.data_timeout;
    return settings;
}

}  // namespace splitmx::relay
