// Numbers in the text format that Prometheus reads (version 0.0.4). Families come out in the order
// in which they are put in. Threads: a value of one thread. Source: exposition formats of
// Prometheus.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::observe {

inline constexpr char const* exposition_type = "text/plain; version=0.0.4; charset=utf-8";

using MetricLabels = std::vector<std::pair<std::string, std::string>>;  // name, value

class Exposition {
public:
    enum class Kind { counter, gauge };  // a counter's name ends in _total

    Exposition();
    ~Exposition();

    // What add() and add_histogram() add to from now on.
    void family(Kind kind, std::string name, std::string help);
    void add(MetricLabels labels, double value);
    void add(double value) { add({}, value); }

    void histogram_family(std::string name, std::string help);
    // `counts`: one for each bound, not cumulative, and one beyond the last.
    void add_histogram(
        MetricLabels labels,
        std::span<double const> bounds,
        std::span<std::uint64_t const> counts,
        double sum
    );

    std::string text() const;

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace splitmx::observe
