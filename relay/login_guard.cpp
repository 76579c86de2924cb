#include "relay/login_guard.hpp"

#include "smtp/net/rate_book.hpp"

namespace splitmx::relay {

using smtp::net::client_key;

bool LoginGuard::may_try(mail::IpAddress const& client, std::size_t limit, Time now) {
    std::lock_guard const lock(mutex_);
    auto const found = clients_.find(client_key(client));
    if (found == clients_.end()) return true;
    if (now - found->second.last >= login_memory) {
        clients_.erase(found);
        return true;
    }
    return found->second.count < limit;
}

void LoginGuard::failed(mail::IpAddress const& client, Time now) {
    std::lock_guard const lock(mutex_);
    auto const key = client_key(client);
    if (!clients_.contains(key)) make_room(now);
    auto& failures = clients_[key];
    ++failures.count;
    failures.last = now;
}

void LoginGuard::succeeded(mail::IpAddress const& client) {
    std::lock_guard const lock(mutex_);
    clients_.erase(client_key(client));
}

void LoginGuard::make_room(Time now) {
    if (clients_.size() < login_clients) return;
    std::erase_if(clients_, [&](auto const& one) { return now - one.second.last >= login_memory; });
    if (clients_.size() < login_clients) return;
    auto oldest = clients_.begin();
    for (auto one = clients_.begin(); one != clients_.end(); ++one) {
        if (one->second.last < oldest->second.last) oldest = one;
    }
    clients_.erase(oldest);
}

}  // namespace splitmx::relay
