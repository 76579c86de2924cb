// Everything that a configuration decides while the relay runs, as one value. A reload makes a new
// one; whoever works by the old one keeps it to the end of what it does: a session for one
// transaction, the dispatcher for one message, a courier for one connection.
// Threads: immutable, read from any. Ownership: shared by those who took it; directory and DNS
// belong to the service, which ends them after the last Settings that name them. Errors: none.
#pragma once

#include "config/config.hpp"
#include "directory/directory_service.hpp"
#include "observe/log.hpp"
#include "relay/present.hpp"
#include "resolver/routing_table.hpp"
#include "smtp/net/admission.hpp"
#include "smtp/net/candidates.hpp"
#include "spool/schedule.hpp"

#include <cstdint>
#include <memory>

#include "dns/resolver.hpp"

namespace splitmx::relay {

struct Settings {
    config::Config config;  // with the machine's facts; its routing is in `table`
    resolver::RoutingTablePtr table;
    smtp::net::SelfTest self;
    spool::RetrySchedule schedule;
    directory::DirectoryService& directory;
    dns::Resolver& dns;
    std::uint64_t generation;  // 1 at the start, one more with each reload
};

using SettingsPtr = Present<Settings>::Pointer;

// Requires: `config` is checked and knows its machine (config/machine.hpp, true ports).
std::unique_ptr<Settings> make_settings(
    config::Config config,
    directory::DirectoryService& directory,
    dns::Resolver& dns,
    std::uint64_t generation
);

// What other rooms call the same things.
dns::Settings dns_settings(config::Dns const& dns);
smtp::net::AdmissionLimits admission_limits(config::Limits const& limits);
observe::Level log_level(config::LogLevel level);
observe::Style log_style(config::Config const& config);

}  // namespace splitmx::relay
