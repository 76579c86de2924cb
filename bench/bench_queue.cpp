// What the queue in memory costs: octets a message, and wheel operations a second.
//
//     bench_queue [MESSAGES]
//
// The heap is asked before and after (mallinfo2), so what the allocator rounds up counts too.
#include "spool/queue_index.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstdlib>
#include <random>

namespace {

using namespace splitmx;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::size_t heap() { return ::mallinfo2().uordblks + ::mallinfo2().hblkhd; }

void fill(spool::QueueIndex& index, std::size_t messages, mail::Instant now) {
    std::minstd_rand random(1);
    for (std::size_t i = 1; i <= messages; ++i) {
        spool::Summary summary;
        summary.id = spool::SpoolId(i);
        summary.arrived = now;
        summary.size = 4096;
        auto const sender = fmt::format("user{}@sender{}.example", i % 5000, i % 700);
        summary.sender = sender;
        auto const hop = fmt::format("mx:domain{}.example", i % 1000);
        auto const wait = std::chrono::milliseconds(random() % 14'400'000);
        summary.pending.push_back({hop, now + wait, 3});
        index.add(summary, 1);
    }
}

void measure_index(std::size_t messages) {
    auto const now = std::chrono::system_clock::now();
    auto const before = heap();
    auto const start = Clock::now();
    spool::QueueIndex index(now);
    fill(index, messages, now);
    auto const seconds = seconds_since(start);
    auto const waiting = heap() - before;
    fmt::print(
        "index     {} messages, 1000 hosts: {:.1f} octets each, {:.2f} s\n",
        messages,
        static_cast<double>(waiting) / static_cast<double>(messages),
        seconds
    );
    std::vector<spool::QueueIndex::Leg> due;
    index.take_due(now + std::chrono::hours(5), messages, due);
    for (auto const leg : due) index.make_ready(leg);
    fmt::print(
        "          all of them ready: {:.1f} octets each\n",
        static_cast<double>(heap() - before) / static_cast<double>(messages)
    );
}

void measure_wheel(std::size_t entries) {
    auto const now = mail::Instant(std::chrono::seconds(1'760'000'000));
    std::minstd_rand random(1);
    spool::DueWheel wheel(now);
    auto start = Clock::now();
    for (std::size_t i = 0; i < entries; ++i) {
        wheel.add(now + std::chrono::milliseconds(random() % 14'400'000), 1);
    }
    auto const adding = seconds_since(start);
    start = Clock::now();
    std::vector<spool::DueWheel::Key> keys;
    for (auto at = now; wheel.size() > 0; at += std::chrono::seconds(1)) {
        keys.clear();
        wheel.take_due(at, entries, keys);
    }
    auto const taking = seconds_since(start);
    auto const count = static_cast<double>(entries);
    fmt::print(
        "wheel     {} entries over 4 h: {:.1f} M adds/s, {:.1f} M takes/s\n",
        entries,
        count / adding / 1e6,
        count / taking / 1e6
    );
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t const messages = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100'000;
    measure_index(messages);
    measure_wheel(messages * 10);
    return 0;
}
