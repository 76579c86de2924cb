// What has happened since the start, in numbers, for monitoring. Every thread counts in a part of
// its own, so that loops do not wait for each other; sum() adds the parts. Labels are bounded by
// the configuration: whatever it does not name is "other", and every mail exchanger found in the
// DNS is "mx". No address ever becomes a label. Threads: all members from any. Source: data model
// of Prometheus (counters, base units).
#pragma once

#include "observe/witness.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace splitmx::observe {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
using Names = std::unordered_set<std::string, TextHash, std::equal_to<>>;

// The labels there may be.
struct KnownNames {
    Names hosts;    // of [host.NAME]
    Names domains;  // as in [[domain]] name: "contoso.com", "#contoso.com"
};

// Counts by up to two labels.
using Counts =
    std::map<std::string, std::map<std::string, std::uint64_t, std::less<>>, std::less<>>;

template <std::size_t Bounds>
struct Distribution {
    std::array<std::uint64_t, Bounds + 1>
        counts{};  // not cumulative; the last is beyond all bounds
    double sum = 0;

    void add(double value, std::array<double, Bounds> const& bounds);
    void add(Distribution const& other);
};

// In octets, and in seconds.
inline constexpr std::array<double, 7> size_bounds{
    1024, 4096, 16384, 65536, 262144, 1048576, 10485760};
inline constexpr std::array<double, 8> delay_bounds{0.1, 0.5, 1, 5, 30, 300, 3600, 86400};

struct Sums {
    Counts connections;  // listener, "accepted" or "refused"
    Counts messages;     // listener, ""
    Counts decisions;    // domain, reason
    Counts attempts;     // host, "sent", "deferred" or "failed"
    Counts reports;      // kind, reason
    Distribution<size_bounds.size()> sizes;
    std::map<std::string, Distribution<delay_bounds.size()>, std::less<>>
        delays;  // by host: until it took it

    void add(Sums const& other);
};

class Tally final : public Witness {
public:
    Tally();
    ~Tally() override;

    void see(Event const& event) override;
    void set_known(KnownNames known);
    Sums sum() const;

private:
    struct Part;
    Part& part();

    std::uint64_t const number_;  // of this tally, among all there ever were
    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<Part>> parts_;
    std::shared_ptr<KnownNames const> known_;
    std::atomic<std::uint64_t> generation_ = 0;  // of known_
};

}  // namespace splitmx::observe
