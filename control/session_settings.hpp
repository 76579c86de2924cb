// What the SMTP session of one client is told: the limits of the configuration, freed for exempt
// clients, and the extensions that it may use. The relay and the tool's rehearsal go by the same.
// Threads: pure function. Source: contract of the configuration keys ([limits]); RFC 5321 4.5.3.
#pragma once

#include "config/config.hpp"
#include "mail/ip_address.hpp"
#include "mail/status.hpp"
#include "smtp/server_session.hpp"

namespace splitmx::control {

smtp::ServerSettings session_settings(
    config::Config const& config,
    config::Listener const& listener,
    bool has_certificate,
    mail::IpAddress const& client
);

// Whether the listener is for this client ([[listen]] allow).
bool admits(config::Listener const& listener, mail::IpAddress const& client);
// In place of the greeting, to a client that the listener does not admit.
mail::Status not_admitted();

}  // namespace splitmx::control
