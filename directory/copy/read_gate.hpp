// When may memory be freed that readers may still look at? Readers pass the gate on their way in
// and out, and never wait; the one writer takes something out of sight first, and then waits until
// all who were inside at that moment have left (SRCU: two counters, of which new readers use one).
// Threads: enter() any; wait_for_readers() one writer at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace splitmx::directory::copy {

class ReadGate {
    // Counters of their own cache lines, so that readers on several cores do not share one.
    struct alignas(64) Stripe {
        std::array<std::atomic<std::uint32_t>, 2> inside{};
    };

public:
    class Pass {
    public:
        ~Pass() { counter_.fetch_sub(1); }
        Pass(Pass const&) = delete;
        Pass& operator=(Pass const&) = delete;

    private:
        friend class ReadGate;
        explicit Pass(std::atomic<std::uint32_t>& counter) : counter_(counter) {
            counter_.fetch_add(1);
        }
        std::atomic<std::uint32_t>& counter_;
    };

    // What is read while the pass lives stays readable that long.
    [[nodiscard]] Pass enter() const { return Pass(stripe().inside[side_.load()]); }

    // Afterwards nobody sees what was out of sight before the call.
    void wait_for_readers();

private:
    static constexpr std::size_t stripes = 16;

    Stripe& stripe() const;
    void wait_until_empty(unsigned side) const;

    mutable std::array<Stripe, stripes> stripes_{};
    std::atomic<unsigned> side_{0};
};

}  // namespace splitmx::directory::copy
