#include "relay/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace splitmx::relay {

namespace {

namespace net = smtp::net;

spool::RetrySchedule schedule_of(config::Queue const& queue) {
    spool::RetrySchedule schedule;
    schedule.retry = queue.retry;
    schedule.warn_after = queue.warn_after;
    schedule.expire = queue.expire;
    schedule.expire_ndr = queue.expire_ndr;
    return schedule;
}

net::SelfTest self_test(resolver::RoutingTablePtr const& table) {
    net::SelfTest test;
    test.is_own_name = [table](mail::Domain const& name, std::uint16_t port) {
        return table->self.listens_on(port) && table->self.has_name(name);
    };
    test.is_own_exchanger = [table](mail::Domain const& name) {
        return table->self.has_name(name);
    };
    test.is_own_address = [table](mail::IpAddress const& address, std::uint16_t port) {
        return table->self.listens_on(port) && table->self.has_address(address);
    };
    return test;
}

}  // namespace

std::unique_ptr<Settings> make_settings(
    config::Config config,
    directory::DirectoryService& directory,
    dns::Resolver& dns,
    std::uint64_t generation
) {
    auto const table =
        std::make_shared<resolver::RoutingTable const>(std::exchange(config.routing, {}));
    auto self = self_test(table);
    auto schedule = schedule_of(config.queue);
    return std::unique_ptr<Settings>(new Settings{
        std::move(config), table, std::move(self), std::move(schedule), directory, dns, generation}
    );
}

dns::Settings dns_settings(config::Dns const& dns) {
    dns::Settings settings;
    for (auto const& server : dns.servers) {
        settings.servers.push_back(fmt::format("{}@{}", server.address.to_text(), server.port));
    }
    settings.hosts_file = dns.hosts_file.string();
    settings.dnssec = dns.dnssec;
    return settings;
}

net::AdmissionLimits admission_limits(config::Limits const& limits) {
    net::AdmissionLimits admission;
    admission.total = limits.connections;
    admission.per_client = limits.connections_per_client;
    admission.per_network = limits.connections_per_network;
    admission.per_client_in_a_minute = limits.connections_per_minute;
    admission.exempt = limits.exempt;
    return admission;
}

observe::Level log_level(config::LogLevel level) {
    switch (level) {
        case config::LogLevel::debug:
            return observe::Level::debug;
        case config::LogLevel::info:
            return observe::Level::info;
        case config::LogLevel::warning:
            return observe::Level::warn;
        case config::LogLevel::error:
            return observe::Level::error;
    }
    return observe::Level::info;
}

observe::Style log_style(config::Config const& config) {
    observe::Style style;
    switch (config.log.format) {
        case config::LogFormat::human:
            break;
        case config::LogFormat::json:
            style.format = observe::Format::json;
            break;
        case config::LogFormat::postfix:
            style.format = observe::Format::postfix;
            break;
    }
    style.origin = {config.log.syslog_name, config.server.hostname.text(), ::getpid()};
    return style;
}

}  // namespace splitmx::relay
