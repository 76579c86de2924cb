#include "relay/crew.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace splitmx::relay {

namespace asio = boost::asio;

std::size_t Crew::size() { return std::max(1U, std::thread::hardware_concurrency()); }

void Crew::hire(Parts& parts) {
    for (std::size_t i = 0; i < size(); ++i) workers_.push_back(std::make_unique<Worker>(parts));
}

void Crew::start() {
    for (auto& worker : workers_) worker->start();
}

std::vector<Worker*> Crew::all() const {
    std::vector<Worker*> all;
    for (auto const& worker : workers_) all.push_back(worker.get());
    return all;
}

void Crew::settings_changed() {
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [raw = worker.get()] { raw->dispatcher().settings_changed(); });
    }
}

void Crew::drain() {
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [raw = worker.get()] { raw->drain(); });
    }
}

void Crew::ask_for_rest(std::function<void(bool at_rest)> told) {
    struct Round {
        std::atomic<std::size_t> busy = 0;
        std::atomic<std::size_t> open;
        std::function<void(bool at_rest)> told;
    };
    auto const round = std::make_shared<Round>();
    round->open = workers_.size();
    round->told = std::move(told);
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [this, round, raw = worker.get()] {
            if (!raw->is_at_rest()) ++round->busy;
            if (--round->open > 0) return;
            asio::post(main_, [round] { round->told(round->busy == 0); });
        });
    }
}

void Crew::stop() {
    for (auto& worker : workers_) {
        asio::post(worker->loop(), [raw = worker.get()] { raw->stop(); });
    }
    for (auto& worker : workers_) worker->join();
}

}  // namespace splitmx::relay
