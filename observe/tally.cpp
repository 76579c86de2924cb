#include "observe/tally.hpp"

#include "mail/letter_case.hpp"
#include "mail/reason.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace splitmx::observe {

namespace {

std::atomic<std::uint64_t> tallies = 0;

std::uint64_t& at(Counts& counts, std::string_view first, std::string_view second) {
    auto outer = counts.find(first);
    if (outer == counts.end()) outer = counts.try_emplace(std::string(first)).first;
    auto inner = outer->second.find(second);
    if (inner == outer->second.end()) inner = outer->second.emplace(second, 0).first;
    return inner->second;
}

void add_counts(Counts& to, Counts const& from) {
    for (auto const& [first, inner] : from) {
        for (auto const& [second, count] : inner) at(to, first, second) += count;
    }
}

std::string_view host_label(std::string_view name, KnownNames const& known) {
    if (known.hosts.contains(name)) return name;
    return name.starts_with("mx:") ? "mx" : "other";
}

// The most specific name that covers the address, as the routing table finds it.
std::string domain_label(std::string_view address, KnownNames const& known) {
    auto const sign = address.rfind('@');
    if (sign == std::string_view::npos) return "other";
    auto const exact = "#" + mail::to_lower(address.substr(sign + 1));
    if (known.domains.contains(exact)) return exact;
    for (std::string_view name = std::string_view(exact).substr(1);;) {
        if (known.domains.contains(name)) return std::string(name);
        auto const dot = name.find('.');
        if (dot == std::string_view::npos) return "other";
        name.remove_prefix(dot);
        if (known.domains.contains(name)) return std::string(name);  // ".example.com"
        name.remove_prefix(1);
    }
}

}  // namespace

template <std::size_t Bounds>
void Distribution<Bounds>::add(double value, std::array<double, Bounds> const& bounds) {
    auto const place = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
    ++counts[static_cast<std::size_t>(place)];
    sum += value;
}

template <std::size_t Bounds>
void Distribution<Bounds>::add(Distribution const& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
}

void Sums::add(Sums const& other) {
    add_counts(connections, other.connections);
    add_counts(messages, other.messages);
    add_counts(decisions, other.decisions);
    add_counts(attempts, other.attempts);
    add_counts(reports, other.reports);
    sizes.add(other.sizes);
    for (auto const& [host, delay] : other.delays) delays[host].add(delay);
}

// Locked by its thread and by who sums: nearly never at the same time.
struct Tally::Part {
    std::mutex mutex;
    Sums sums;
    std::shared_ptr<KnownNames const> known;
    std::uint64_t generation = 0;

    void count(ClientConnected const& e) { ++at(sums.connections, e.listener, "accepted"); }
    void count(ClientRefused const& e) {
        if (e.session.empty()) ++at(sums.connections, e.listener, "refused");
    }
    void count(MessageReceived const& e) {
        ++at(sums.messages, e.listener, "");
        sums.sizes.add(static_cast<double>(e.size), size_bounds);
    }
    void count(RecipientDecided const& e) {
        if (e.session.empty()) return;  // it was counted when it came in
        ++at(sums.decisions, domain_label(e.address, *known), mail::to_id(e.reason));
    }
    void count(RecipientRefused const& e) {
        ++at(sums.decisions, domain_label(e.address, *known), mail::to_id(e.reason));
    }
    void count(DeliveryAttempted const& e) {
        if (!e.by.empty()) return;  // no host was asked
        auto const host = host_label(e.hop, *known);
        auto const result =
            e.status.is_positive() ? "sent" : (e.status.is_transient() ? "deferred" : "failed");
        ++at(sums.attempts, host, result);
        if (!e.status.is_positive()) return;
        auto found = sums.delays.find(host);
        if (found == sums.delays.end()) found = sums.delays.try_emplace(std::string(host)).first;
        found->second.add(static_cast<double>(e.delay.count()) / 1000.0, delay_bounds);
    }
    void count(ReportSent const& e) {
        auto const* const other = e.by.empty() ? "refused_by_host" : "by_operator";
        ++at(sums.reports, to_text(e.kind), e.reason ? mail::to_id(*e.reason) : other);
    }
};

Tally::Tally() : number_(++tallies), known_(std::make_shared<KnownNames const>()) {}

Tally::~Tally() = default;

void Tally::set_known(KnownNames known) {
    std::lock_guard const lock(mutex_);
    known_ = std::make_shared<KnownNames const>(std::move(known));
    ++generation_;
}

// The part of this thread, found again without a lock.
Tally::Part& Tally::part() {
    struct Place {
        std::uint64_t tally = 0;
        Part* part = nullptr;
    };
    thread_local Place place;
    if (place.tally == number_) return *place.part;
    std::lock_guard const lock(mutex_);
    parts_.push_back(std::make_unique<Part>());
    place = {number_, parts_.back().get()};
    parts_.back()->known = known_;
    parts_.back()->generation = generation_;
    return *place.part;
}

void Tally::see(Event const& event) {
    std::visit(
        [this]<class One>(One const& one) {
            if constexpr (requires(Part & part) { part.count(one); }) {
                auto& mine = part();
                if (mine.generation != generation_.load(std::memory_order_relaxed)) {
                    std::lock_guard const lock(mutex_);
                    mine.known = known_;
                    mine.generation = generation_;
                }
                std::lock_guard const lock(mine.mutex);
                mine.count(one);
            }
        },
        event
    );
}

Sums Tally::sum() const {
    Sums all;
    std::lock_guard const lock(mutex_);
    for (auto const& part : parts_) {
        std::lock_guard const inner(part->mutex);
        all.add(part->sums);
    }
    return all;
}

}  // namespace splitmx::observe
