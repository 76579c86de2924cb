#include "smtp/net/rate_book.hpp"

#include <algorithm>

namespace splitmx::smtp::net {

namespace {

mail::IpAddress network_of(mail::IpAddress const& client, std::ptrdiff_t v4, std::ptrdiff_t v6) {
    auto octets = client.octets();
    std::fill(octets.begin() + (client.is_v4() ? v4 : v6), octets.end(), std::uint8_t{0});
    if (!client.is_v4()) return mail::IpAddress::from_v6(octets);
    return mail::IpAddress::from_v4({octets[0], octets[1], octets[2], octets[3]});
}

}  // namespace

mail::IpAddress client_key(mail::IpAddress const& client) { return network_of(client, 4, 8); }

mail::IpAddress network_key(mail::IpAddress const& client) { return network_of(client, 3, 6); }

std::size_t RateBook::take(
    mail::IpAddress const& client, std::size_t wanted, std::size_t most, Time now
) {
    if (most == 0) return wanted;
    std::lock_guard const lock(mutex_);
    if (clients_.size() >= max_rated_clients) forget_old(now);
    auto& known = clients_[client_key(client)];
    if (known.events == 0 || now - known.since >= rate_window) known = {now, 0};
    auto const granted = std::min(wanted, most - std::min(most, known.events));
    known.events += granted;
    return granted;
}

void RateBook::forget_old(Time now) {
    std::erase_if(clients_, [&](auto const& one) { return now - one.second.since >= rate_window; });
    if (clients_.size() >= max_rated_clients) clients_.clear();
}

}  // namespace splitmx::smtp::net
