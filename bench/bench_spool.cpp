// The spool alone: how many 4 KiB messages a second become durable with 1, 8, 50 and 200 writers,
// and what a start with 100 000 of them takes.
//
//     bench_spool DIRECTORY [SECONDS]      on the disk that is to be measured
#include "spool/disk/lmdb_store.hpp"
#include "spool/spool_thread.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>

using namespace splitmx;
using namespace splitmx::spool;
using namespace splitmx::spool::disk;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t body_octets = 4096;
constexpr std::uint64_t queued = 100'000;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double processor_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    auto const of = [](timeval const& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

// Of this process, without the pages of mapped files.
std::uint64_t anonymous_octets() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::uint64_t kibibytes = 0;
        if (word == "RssAnon:" && status >> kibibytes) return kibibytes * 1024;
    }
    return 0;
}

Put message(SpoolId id) {
    QueueItem item;
    item.id = id;
    item.arrived = std::chrono::system_clock::now();
    item.from = mail::ReversePath::parse("<sender@example.com>").value();
    item.client = "mx.example[192.0.2.1]";
    item.helo = "mx.example";
    QueuedRecipient recipient;
    recipient.original = recipient.rcpt = "ann@notes.example";
    recipient.hop = "host:notes";
    recipient.kind = "custom_recipient";
    recipient.entry = "cn=Ann Example,ou=People,dc=example,dc=com";
    recipient.next_attempt = item.arrived;
    item.recipients.push_back(std::move(recipient));
    return {std::move(item), Body::from_text(std::string(body_octets, 'x'))};
}

LmdbStore::Options options() {
    LmdbStore::Options all;
    all.map_size = std::uint64_t{16} << 30;
    return all;
}

// Each writer puts its next message when the last one is durable; old ones leave the queue.
class Writers final : public Inbox {
public:
    Writers(SpoolThread& spool, Clock::time_point end) : spool_(spool), end_(end) {}

    void start(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) put();
    }
    void deliver(std::vector<Completion> completions) override {
        done_ += completions.size();
        if (Clock::now() >= end_) return;
        for (std::size_t i = 0; i < completions.size(); ++i) put();
    }
    std::uint64_t done() const { return done_; }

private:
    class Nobody final : public Waiter {
        void done(Result<void>) override {}
    };
    void put() {
        auto const id = ids_.next(std::chrono::system_clock::now());
        Changes changes;
        changes.emplace_back(message(id));
        ids_of_the_queue_.push_back(id);
        if (ids_of_the_queue_.size() > 1000) {
            changes.emplace_back(Remove{ids_of_the_queue_.front()});
            ids_of_the_queue_.erase(ids_of_the_queue_.begin());
        }
        spool_.submit(std::move(changes), *this, std::make_unique<Nobody>());
    }

    SpoolThread& spool_;
    Clock::time_point end_;
    SpoolIdSource ids_{SpoolId()};
    std::vector<SpoolId> ids_of_the_queue_;
    std::uint64_t done_ = 0;
};

void measure_writers(std::filesystem::path const& path, double seconds) {
    for (std::size_t const count : {1U, 8U, 50U, 200U}) {
        std::filesystem::remove_all(path);
        auto const store = LmdbStore::open(path, options()).value();
        SpoolThread spool(*store);
        auto const start = Clock::now();
        auto const before = processor_seconds();
        Writers writers(
            spool,
            start +
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))
        );
        writers.start(count);
        while (spool.load().waiting > 0) {
            timespec const moment{0, 10'000'000};
            ::nanosleep(&moment, nullptr);
        }
        spool.stop();
        auto const messages = static_cast<double>(writers.done());
        std::cout << fmt::format(
            "{:3} writers: {:6.0f} messages/s, {:4.0f} us of processor each, {:.1f} a commit\n",
            count,
            messages / seconds_since(start),
            (processor_seconds() - before) * 1e6 / messages,
            messages / static_cast<double>(spool.load().batches)
        );
    }
}

void measure_start(std::filesystem::path const& path) {
    std::filesystem::remove_all(path);
    {
        auto const store = LmdbStore::open(path, options()).value();
        SpoolIdSource ids{SpoolId()};
        for (std::uint64_t put = 0; put < queued; put += 1000) {
            Changes changes;
            for (int i = 0; i < 1000; ++i) {
                changes.emplace_back(message(ids.next(std::chrono::system_clock::now())));
            }
            if (auto const done = store->apply(changes); !done)
                throw std::runtime_error(done.error().what);
        }
    }
    auto const before = anonymous_octets();
    auto const start = Clock::now();
    auto const store = LmdbStore::open(path, options()).value();
    auto const opened = seconds_since(start);
    std::uint64_t seen = 0;
    auto const damaged =
        store->for_each_summary([&](Summary const& summary) { seen += summary.pending.size(); });
    std::cout << fmt::format(
        "start with {} messages: opened in {:.3f} s, summaries after {:.3f} s, {} cannot be read, "
        "{} KiB of memory more\n",
        seen,
        opened,
        seconds_since(start),
        damaged.value().size(),
        (anonymous_octets() - std::min(anonymous_octets(), before)) / 1024
    );
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: bench_spool DIRECTORY [SECONDS]\n";
        return 64;
    }
    auto const path = std::filesystem::absolute(argv[1]) / "bench-spool";
    measure_writers(path, argc > 2 ? std::atof(argv[2]) : 3.0);
    measure_start(path);
    std::filesystem::remove_all(path);
    return 0;
}
