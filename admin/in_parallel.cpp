#include "admin/in_parallel.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace splitmx::admin {

void in_parallel(std::size_t pieces, std::function<void(std::size_t)> const& work) {
    std::atomic<std::size_t> next{0};
    auto const run = [&] {
        for (auto piece = next++; piece < pieces; piece = next++) work(piece);
    };
    std::size_t const processors = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(processors, pieces); ++i) others.emplace_back(run);
    run();
}

}  // namespace splitmx::admin
