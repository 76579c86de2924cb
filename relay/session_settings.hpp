// What the SMTP session of one client is told: the limits of the configuration, freed for exempt
// clients, and the extensions that it may use.
// Threads: pure function. Source: contract of the configuration keys ([limits]); RFC 5321 4.5.3.
#pragma once

#include "config/config.hpp"
#include "mail/ip_address.hpp"
#include "smtp/server_session.hpp"

namespace splitmx::relay {

smtp::ServerSettings session_settings(
    config::Config const& config,
    config::Listener const& listener,
    bool has_certificate,
    mail::IpAddress const& client
);

}  // namespace splitmx::relay
