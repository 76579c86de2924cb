#include "relay/host_gate.hpp"

namespace splitmx::relay {

bool HostGate::enter(void const* waiter, std::function<void()> wake) {
    std::lock_guard const lock(mutex_);
    if (used_ < limit_) {
        ++used_;
        waiting_.erase(waiter);
        return true;
    }
    waiting_.insert_or_assign(waiter, std::move(wake));
    return false;
}

void HostGate::leave() {
    std::function<void()> wake;
    {
        std::lock_guard const lock(mutex_);
        --used_;
        if (!waiting_.empty()) {
            wake = std::move(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
        }
    }
    if (wake) wake();
}

bool HostGate::is_wanted() const {
    std::lock_guard const lock(mutex_);
    return !waiting_.empty();
}

HostGates::HostGates(std::vector<config::HostLimits> const& limits) {
    for (auto const& limit : limits) limits_.emplace(limit.name, limit.connections);
}

std::shared_ptr<HostGate> HostGates::gate(std::string const& host) {
    std::lock_guard const lock(mutex_);
    auto& known = gates_[host];
    if (auto gate = known.lock()) return gate;
    auto const limit = limits_.find(host);
    auto gate = std::make_shared<HostGate>(limit == limits_.end() ? default_limit : limit->second);
    known = gate;
    return gate;
}

}  // namespace splitmx::relay
