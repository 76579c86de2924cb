#include "config/machine.hpp"

#include "mail/hosts_table.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace splitmx::config {

namespace {

std::optional<mail::IpAddress> to_address(sockaddr const* raw) {
    if (!raw) return std::nullopt;
    if (raw->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, raw, sizeof v4);
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &v4.sin_addr, octets.size());
        return mail::IpAddress::from_v4(octets);
    }
    if (raw->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, raw, sizeof v6);
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        return mail::IpAddress::from_v6(octets);
    }
    return std::nullopt;
}

std::vector<mail::IpAddress> interface_addresses() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> const owner(list, freeifaddrs);
    std::vector<mail::IpAddress> addresses;
    for (auto const* one = list; one; one = one->ifa_next) {
        if (auto const address = to_address(one->ifa_addr)) addresses.push_back(*address);
    }
    return addresses;
}

}  // namespace

void add_machine(Config& config) {
    // A loopback address is ours only where a listener answers on it: beside us, another system may
    // listen there on the same port.
    auto& self = config.routing.self;
    for (auto const& address : interface_addresses()) {
        if (!address.is_loopback() && !self.has_address(address)) self.addresses.push_back(address);
    }
    std::ifstream file(config.dns.hosts_file);
    std::string const text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    config.routing.host_records = mail::parse_hosts(text);
}

}  // namespace splitmx::config
