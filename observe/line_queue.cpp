#include "observe/line_queue.hpp"

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>

#include <exception>
#include <utility>

namespace splitmx::observe {

namespace {

constexpr std::chrono::milliseconds gathering{12};
constexpr std::chrono::seconds between_flushes{1};

}  // namespace

LineQueue::LineQueue(spdlog::sink_ptr sink, std::size_t capacity, ToldDropped told_dropped)
    : sink_(std::move(sink)),
      capacity_(capacity),
      told_dropped_(std::move(told_dropped)),
      thread_([this] { run(); }) {}

LineQueue::~LineQueue() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LineQueue::push(spdlog::level::level_enum level, std::string_view line) {
    std::unique_lock lock(mutex_);
    if (lines_.size() >= capacity_) {
        lines_.drop_oldest();
        ++dropped_;
    }
    lines_.push(line);
    bool const urgent = level >= spdlog::level::warn && !std::exchange(urgent_, true);
    bool const notify = std::exchange(asleep_, false) || urgent;
    lock.unlock();
    if (notify) wake_.notify_one();
}

void LineQueue::run() {
    std::unique_lock lock(mutex_);
    while (gather(lock)) {
        std::swap(lines_, writing_);
        auto const dropped = std::exchange(dropped_, 0);
        bool const urgent = std::exchange(urgent_, false);
        lock.unlock();
        write(writing_, dropped);
        writing_.clear();
        bool const due = unflushed_ && Clock::now() - flushed_ >= between_flushes;
        if (urgent || dropped > 0 || due) flush();
        lock.lock();
    }
    lock.unlock();
    flush();
}

// Until there is something to do; false: nothing ever will be.
bool LineQueue::gather(std::unique_lock<std::mutex>& lock) {
    auto const has_work = [this] { return stopping_ || !lines_.empty(); };
    if (!has_work()) {
        asleep_ = true;
        if (unflushed_)
            wake_.wait_until(lock, flushed_ + between_flushes, has_work);
        else
            wake_.wait(lock, has_work);
        asleep_ = false;
    }
    if (!lines_.empty()) {
        wake_.wait_until(lock, written_ + gathering, [this] { return stopping_ || urgent_; });
    }
    return !stopping_ || !lines_.empty();
}

void LineQueue::write(LineBuffer const& lines, std::size_t dropped) {
    if (dropped > 0) write(told_dropped_(dropped));
    if (!lines.empty()) write(lines.text());
    written_ = Clock::now();
    unflushed_ = unflushed_ || !lines.empty();
}

void LineQueue::write(std::string_view text) {
    try {
        // The lines have their times in them: spdlog need not look at the clock.
        sink_->log(spdlog::details::log_msg({}, {}, {}, spdlog::level::info, text));
    } catch (std::exception const&) {
        // There is nobody to tell: this is the log.
    }
}

void LineQueue::flush() {
    flushed_ = Clock::now();
    unflushed_ = false;
    try {
        sink_->flush();
    } catch (std::exception const&) {
        // As above.
    }
}

}  // namespace splitmx::observe
