#include "relay/recovery.hpp"

#include "relay/supervisor.hpp"
#include "relay/worker.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace splitmx::relay {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// Entered in one go, so that sessions on the same loop get their turns.
constexpr std::size_t messages_of_a_turn = 500;
// Below that it takes no time worth a line.
constexpr std::uint64_t worth_progress = 20'000;
constexpr std::chrono::seconds longest_silence{10};

// Summaries that own their texts, on the way to a loop.
class Batch {
public:
    void add(spool::Summary const& summary) {
        auto copy = summary;
        copy.sender = keep(summary.sender);
        for (auto& recipient : copy.pending) recipient.hop = keep(recipient.hop);
        summaries_.push_back(std::move(copy));
    }
    std::size_t size() const { return summaries_.size(); }
    std::vector<spool::Summary> const& summaries() const { return summaries_; }

private:
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

    std::vector<spool::Summary> summaries_;
    std::deque<std::string> texts_;
};

class Sharing {
public:
    explicit Sharing(std::vector<Worker*> const& workers)
        : workers_(workers), batches_(workers.size()) {}

    void add(spool::Summary const& summary) {
        auto const turn = count_++ % workers_.size();
        auto& batch = batches_[turn];
        if (!batch) batch = std::make_shared<Batch>();
        batch->add(summary);
        if (batch->size() >= messages_of_a_turn) send(turn);
    }
    std::size_t finish() {
        for (std::size_t i = 0; i < batches_.size(); ++i) send(i);
        return count_;
    }

private:
    void send(std::size_t turn) {
        auto const batch = std::exchange(batches_[turn], nullptr);
        if (!batch) return;
        asio::post(workers_[turn]->loop(), [worker = workers_[turn], batch] {
            for (auto const& summary : batch->summaries()) worker->dispatcher().enter(summary);
        });
    }

    std::vector<Worker*> const& workers_;
    std::vector<std::shared_ptr<Batch>> batches_;
    std::size_t count_ = 0;
};

// A line for every tenth, or every ten seconds; and the supervisor is told (sd_notify).
class Progress {
public:
    explicit Progress(observe::Log& log) : log_(log), last_(Clock::now()) {}

    void operator()(std::uint64_t done, std::uint64_t all) {
        if (all < worth_progress || done >= all) return;
        auto const now = Clock::now();
        auto const tenth = done * 10 / all;
        if (tenth == tenth_ && now - last_ < longest_silence) return;
        tenth_ = tenth;
        last_ = now;
        auto const text =
            fmt::format("reading the queue: {} of {} messages ({} %)", done, all, done * 100 / all);
        log_.info("spool", text);
        notify_supervisor("STATUS=" + text);
    }

private:
    observe::Log& log_;
    std::uint64_t tenth_ = 0;
    Clock::time_point last_;
};

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

Recovery::Recovery(
    Parts& parts, std::vector<Worker*> workers, spool::SpoolId last, std::function<void()> done
)
    : parts_(parts) {
    thread_ = std::thread([this, workers = std::move(workers), last, done = std::move(done)] {
        run(workers, last);
        done();
    });
}

Recovery::~Recovery() { thread_.join(); }

void Recovery::run(std::vector<Worker*> const& workers, spool::SpoolId last) {
    auto const start = Clock::now();
    Sharing sharing(workers);
    Progress progress(parts_.log);
    auto damages = parts_.store.for_each_summary(
        [&](spool::Summary const& summary) {
            if (summary.id <= last) sharing.add(summary);
        },
        [&](std::uint64_t done, std::uint64_t all) { progress(done, all); }
    );
    auto const messages = sharing.finish();
    if (!damages) {
        parts_.log.write(observe::SpoolTrouble{{}, damages.error().what});
        return;
    }
    auto const unreadable = damages->size();
    if (messages + unreadable == 0) return;
    auto const seconds = std::chrono::duration<double>(Clock::now() - start).count();
    auto text =
        fmt::format("{} in the queue, read in {:.1f} s", plural(messages, "message"), seconds);
    if (unreadable > 0) text += fmt::format("; {} cannot be read", unreadable);
    parts_.log.info("spool", text);
    if (unreadable == 0) return;
    auto* const worker = workers.front();
    asio::post(worker->loop(), [worker, all = std::move(*damages)]() mutable {
        worker->dispatcher().queue().set_aside(std::move(all));
    });
}

}  // namespace splitmx::relay
