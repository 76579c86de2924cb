#include "history/recorder.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::history {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes between_complaints{1};
constexpr int tries = 3;

}  // namespace

mail::Result<std::unique_ptr<Recorder>> Recorder::open(Settings settings) {
    auto writer = Writer::open(settings.file);
    if (!writer) return writer.error();
    return std::unique_ptr<Recorder>(new Recorder(std::move(*writer), std::move(settings)));
}

Recorder::Recorder(Writer writer, Settings settings)
    : writer_(std::move(writer)),
      settings_(std::move(settings)),
      forget_at_(Clock::now()),
      thread_([this] { run(); }) {}

Recorder::~Recorder() {
    {
        std::lock_guard const lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

// Does not wake the thread: it looks by itself, and a group is cheaper than its members.
void Recorder::record(Record record) {
    std::lock_guard const lock(mutex_);
    if (queue_.size() >= settings_.most_queued) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    queue_.push_back(std::move(record));
}

void Recorder::run() {
    std::vector<Record> records;
    for (bool ending = false; !ending;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, gathering, [this] { return ending_; });
            ending = ending_;
            std::swap(records, queue_);
        }
        write(records);
        records.clear();
        if (!ending && Clock::now() >= forget_at_) forget();
        if (auto const dropped = this->dropped(); dropped != told_dropped_) {
            auto const more = dropped - std::exchange(told_dropped_, dropped);
            tell(fmt::format("{} records were dropped: the disk is too slow for the history", more)
            );
        }
    }
}

void Recorder::write(std::vector<Record>& records) {
    if (records.empty()) return;
    std::string why;
    for (int i = 0; i < tries; ++i) {
        auto const done = writer_.append(records);
        if (done) return;
        why = done.error().what;
    }
    dropped_.fetch_add(records.size(), std::memory_order_relaxed);
    tell(why);
}

// As long as there is more, again with the next group.
void Recorder::forget() {
    auto const time = std::chrono::system_clock::now() - settings_.keep;
    auto const done = writer_.forget_before(
        std::chrono::time_point_cast<mail::Instant::duration>(time), forgotten_at_once
    );
    if (!done) tell(done.error().what);
    if (!done || *done < forgotten_at_once) forget_at_ = Clock::now() + forgetting;
}

void Recorder::tell(std::string const& what) {
    auto const now = Clock::now();
    if (told_at_ && now - *told_at_ < between_complaints) return;
    told_at_ = now;
    if (settings_.on_trouble) settings_.on_trouble(what);
}

}  // namespace splitmx::history
