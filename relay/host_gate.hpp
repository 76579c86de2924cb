// How many connections there may be to one next hop, over all loops.
// A courier holds a place while it is connected. When somebody waits for a place, idle couriers
// give theirs back at once. Threads: any. Ownership: a place may outlive its gate. Source:
// [host.NAME] connections.
#pragma once

#include "config/config.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace splitmx::relay {

class HostGate {
public:
    explicit HostGate(unsigned limit) : limit_(limit) {}

    // True: a place was free and is taken. False: `wake` is called once, on any thread, when one
    // is. `waiter` stands for whoever asks, so that nobody waits twice.
    bool enter(void const* waiter, std::function<void()> wake);
    void leave();
    bool is_wanted() const;

private:
    mutable std::mutex mutex_;
    unsigned limit_;
    unsigned used_ = 0;
    std::map<void const*, std::function<void()>> waiting_;
};

class HostGates {
public:
    static constexpr unsigned default_limit = 8;

    explicit HostGates(std::vector<config::HostLimits> const& limits);
    // By the name of the host.
    std::shared_ptr<HostGate> gate(std::string const& host);

private:
    std::mutex mutex_;
    std::unordered_map<std::string, unsigned> limits_;
    std::unordered_map<std::string, std::weak_ptr<HostGate>> gates_;
};

}  // namespace splitmx::relay
