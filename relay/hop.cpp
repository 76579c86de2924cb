#include "relay/hop.hpp"

#include "config/suggestion.hpp"
#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <vector>

namespace splitmx::relay {

namespace {

constexpr std::string_view host_prefix = "host:";
constexpr std::string_view failed_prefix = "failed:";

}  // namespace

std::string hop_of(resolver::Host const& host, resolver::RoutingTable const& table) {
    auto const known = table.hosts.find(host.name);
    bool const configured = known != table.hosts.end() && known->second.get() == &host;
    return configured ? std::string(host_prefix) + host.name : host.name;
}

std::string failed_hop(mail::Reason reason) {
    return std::string(failed_prefix) + std::string(mail::to_id(reason));
}

std::string host_name(std::string_view hop) {
    return std::string(hop.starts_with(host_prefix) ? hop.substr(host_prefix.size()) : hop);
}

std::string no_such_host(std::string const& name, resolver::RoutingTable const& table) {
    std::vector<std::string> names;
    for (auto const& [known, host] : table.hosts) names.push_back(known);
    auto const nearest = config::nearest(name, names);
    return fmt::format(
        "there is no host \"{}\"; {}",
        mail::to_log_text(name),
        nearest.empty() ? "splitmx host list names them" : config::did_you_mean(nearest)
    );
}

std::string hop_of_name(std::string const& name, resolver::RoutingTable const& table) {
    return table.hosts.contains(name) ? std::string(host_prefix) + name : name;
}

std::optional<mail::Reason> reason_of_failed_hop(std::string_view hop) {
    if (!hop.starts_with(failed_prefix)) return std::nullopt;
    return mail::reason_from_id(hop.substr(failed_prefix.size()));
}

resolver::HostPtr host_of(std::string const& hop, resolver::RoutingTable const& table) {
    if (hop.starts_with(host_prefix)) {
        auto const known = table.hosts.find(hop.substr(host_prefix.size()));
        return known == table.hosts.end() ? nullptr : known->second;
    }
    auto address = resolver::HostAddress::parse(hop, resolver::Protocol::smtp);
    if (!address) return nullptr;
    auto host = std::make_shared<resolver::Host>();
    host->name = hop;
    host->addresses.push_back(std::move(*address));
    return host;
}

}  // namespace splitmx::relay
