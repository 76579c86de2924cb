#include "smtp/net/admission.hpp"

#include "smtp/net/rate_book.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace splitmx::smtp::net {

namespace {

using Book = std::map<mail::IpAddress, std::size_t>;

std::size_t count_in(Book const& book, mail::IpAddress const& key) {
    auto const known = book.find(key);
    return known == book.end() ? 0 : known->second;
}

void take_from(Book& book, mail::IpAddress const& key) {
    auto const known = book.find(key);
    if (--known->second == 0) book.erase(known);
}

}  // namespace

struct Admission::Counts {
    explicit Counts(AdmissionLimits initial) : limits(std::move(initial)) {}

    bool is_exempt(mail::IpAddress const& client) const {
        return std::any_of(limits.exempt.begin(), limits.exempt.end(), [&](auto const& network) {
            return network.contains(client);
        });
    }

    std::optional<AdmissionRefusal> refusal_of(mail::IpAddress const& client, RateBook::Time now) {
        if (is_exempt(client)) return std::nullopt;
        if (total >= limits.total) return AdmissionRefusal::too_many;
        if (count_in(by_client, client_key(client)) >= limits.per_client) {
            return AdmissionRefusal::too_many_from_client;
        }
        auto const neighbours = count_in(by_network, network_key(client));
        if (limits.per_network > 0 && neighbours >= limits.per_network) {
            return AdmissionRefusal::too_many_from_network;
        }
        if (rates.take(client, 1, limits.per_client_in_a_minute, now) == 0) {
            return AdmissionRefusal::too_often;
        }
        return std::nullopt;
    }

    mutable std::mutex mutex;
    AdmissionLimits limits;
    std::atomic<std::size_t> total = 0;  // changed under the mutex
    Book by_client;
    Book by_network;
    RateBook rates;
};

Admission::Admission(AdmissionLimits limits)
    : counts_(std::make_shared<Counts>(std::move(limits))) {}

Admission::Answer Admission::admit(
    mail::IpAddress const& client, std::chrono::steady_clock::time_point now
) {
    std::lock_guard const lock(counts_->mutex);
    if (auto const refusal = counts_->refusal_of(client, now)) return *refusal;
    ++counts_->by_client[client_key(client)];
    ++counts_->by_network[network_key(client)];
    ++counts_->total;
    return Ticket(counts_, client);
}

void Admission::set_limits(AdmissionLimits limits) {
    std::lock_guard const lock(counts_->mutex);
    counts_->limits = std::move(limits);
}

std::size_t Admission::connections() const { return counts_->total; }

std::size_t Admission::connections_of(mail::IpAddress const& client) const {
    std::lock_guard const lock(counts_->mutex);
    return count_in(counts_->by_client, client_key(client));
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
    take_from(counts_->by_client, client_key(client_));
    take_from(counts_->by_network, network_key(client_));
}

}  // namespace splitmx::smtp::net
