#include "observe/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

namespace splitmx::observe {

struct Exposition::Families {
    std::vector<prometheus::MetricFamily> all;

    prometheus::ClientMetric& add(MetricLabels labels) {
        prometheus::ClientMetric metric;
        for (auto& [name, value] : labels)
            metric.label.push_back({std::move(name), std::move(value)});
        return all.back().metric.emplace_back(std::move(metric));
    }
    void begin(prometheus::MetricType type, std::string name, std::string help) {
        prometheus::MetricFamily family;
        family.name = std::move(name);
        family.help = std::move(help);
        family.type = type;
        all.push_back(std::move(family));
    }
};

Exposition::Exposition() : families_(std::make_unique<Families>()) {}

Exposition::~Exposition() = default;

void Exposition::family(Kind kind, std::string name, std::string help) {
    auto const type =
        kind == Kind::counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    families_->begin(type, std::move(name), std::move(help));
}

void Exposition::add(MetricLabels labels, double value) {
    auto& metric = families_->add(std::move(labels));
    metric.counter.value = value;
    metric.gauge.value = value;
}

void Exposition::histogram_family(std::string name, std::string help) {
    families_->begin(prometheus::MetricType::Histogram, std::move(name), std::move(help));
}

void Exposition::add_histogram(
    MetricLabels labels,
    std::span<double const> bounds,
    std::span<std::uint64_t const> counts,
    double sum
) {
    auto& histogram = families_->add(std::move(labels)).histogram;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        cumulative += counts[i];
        bool const has_bound = i < bounds.size();
        auto const bound = has_bound ? bounds[i] : std::numeric_limits<double>::infinity();
        histogram.bucket.push_back({cumulative, bound});
    }
    histogram.sample_count = cumulative;
    histogram.sample_sum = sum;
}

std::string Exposition::text() const {
    return prometheus::TextSerializer().Serialize(families_->all);
}

}  // namespace splitmx::observe
