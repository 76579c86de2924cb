#include "smtp/net/admission.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

namespace splitmx::smtp::net {

mail::IpAddress client_key(mail::IpAddress const& client) {
    if (client.is_v4()) return client;
    auto octets = client.octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return mail::IpAddress::from_v6(octets);
}

struct Admission::Counts {
    explicit Counts(AdmissionLimits initial) : limits(std::move(initial)) {}

    bool is_exempt(mail::IpAddress const& client) const {
        return std::any_of(limits.exempt.begin(), limits.exempt.end(), [&](auto const& network) {
            return network.contains(client);
        });
    }

    mutable std::mutex mutex;
    AdmissionLimits limits;
    std::size_t total = 0;
    std::map<mail::IpAddress, std::size_t> by_client;
};

Admission::Admission(AdmissionLimits limits)
    : counts_(std::make_shared<Counts>(std::move(limits))) {}

Admission::Answer Admission::admit(mail::IpAddress const& client) {
    auto const key = client_key(client);
    std::lock_guard const lock(counts_->mutex);
    auto const known = counts_->by_client.find(key);
    std::size_t const present = known == counts_->by_client.end() ? 0 : known->second;
    if (!counts_->is_exempt(client)) {
        if (counts_->total >= counts_->limits.total) return AdmissionRefusal::too_many;
        if (present >= counts_->limits.per_client) return AdmissionRefusal::too_many_from_client;
    }
    ++counts_->by_client[key];
    ++counts_->total;
    return Ticket(counts_, key);
}

void Admission::set_limits(AdmissionLimits limits) {
    std::lock_guard const lock(counts_->mutex);
    counts_->limits = std::move(limits);
}

std::size_t Admission::connections() const {
    std::lock_guard const lock(counts_->mutex);
    return counts_->total;
}

std::size_t Admission::connections_of(mail::IpAddress const& client) const {
    std::lock_guard const lock(counts_->mutex);
    auto const known = counts_->by_client.find(client_key(client));
    return known == counts_->by_client.end() ? 0 : known->second;
}

Admission::Ticket::Ticket(std::shared_ptr<Counts> counts, mail::IpAddress client)
    : counts_(std::move(counts)), client_(client) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
    if (this != &other) {
        give_back();
        counts_ = std::move(other.counts_);
        client_ = other.client_;
    }
    return *this;
}

Admission::Ticket::~Ticket() { give_back(); }

void Admission::Ticket::give_back() {
    if (!counts_) return;
    std::lock_guard const lock(counts_->mutex);
    --counts_->total;
    auto const mine = counts_->by_client.find(client_);
    if (--mine->second == 0) counts_->by_client.erase(mine);
}

}  // namespace splitmx::smtp::net
