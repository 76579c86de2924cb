#include "directory/copy/read_gate.hpp"

#include <thread>

namespace splitmx::directory::copy {

ReadGate::Stripe& ReadGate::stripe() const {
    static std::atomic<std::size_t> next{0};
    thread_local std::size_t const mine = next.fetch_add(1) % stripes;
    return stripes_[mine];
}

void ReadGate::wait_until_empty(unsigned side) const {
    for (auto const& stripe : stripes_) {
        while (stripe.inside[side].load() != 0) std::this_thread::yield();
    }
}

// A reader may have read `side_` before the last call and have entered after it: such latecomers
// are on the side that is empty otherwise, and are waited for first.
void ReadGate::wait_for_readers() {
    auto const side = side_.load();
    wait_until_empty(1 - side);
    side_.store(1 - side);
    wait_until_empty(side);
}

}  // namespace splitmx::directory::copy
