#include "relay/session_settings.hpp"

#include <algorithm>
#include <limits>

namespace splitmx::relay {

smtp::ServerSettings session_settings(
    config::Config const& config,
    config::Listener const& listener,
    bool has_certificate,
    mail::IpAddress const& client
) {
    auto const& exempt = config.limits.exempt;
    bool const is_exempt = std::any_of(exempt.begin(), exempt.end(), [&](auto const& network) {
        return network.contains(client);
    });
    smtp::ServerSettings settings;
    using enum config::ListenerTls;
    settings.implicit_tls = listener.tls == implicit;
    settings.require_tls = listener.tls == required;
    if (has_certificate && listener.tls != off) settings.offered.add(smtp::Extension::starttls);
    settings.hostname = config.server.hostname.text();
    settings.max_message = config.server.max_message;
    settings.max_recipients = config.limits.recipients;
    settings.max_errors = is_exempt ? std::numeric_limits<unsigned>::max() : config.limits.errors;
    settings.command_timeout = config.limits.command_timeout;
    settings.data_timeout = config.limits.data_timeout;
    return settings;
}

}  // namespace splitmx::relay
