// Lines on their way to a sink: any thread puts them here, one of its own writes them. A line costs
// its writer no wake-up where there are many: the thread writes the first one at once, and then what
// has gathered every few milliseconds, in one piece, so the sink must write no more than the text.
// Warnings and errors are written and flushed at once, the rest is
// flushed every second. With a sink that does not keep up the oldest lines are dropped, and a line
// says how many. All that was put in is written before the destructor ends.
// Ownership: shares the sink. Threads: push() any; the sink is used by the queue's own thread only.
// Errors: none are reported; a sink that throws has its lines lost.
#pragma once

#include "observe/line_buffer.hpp"

#include <spdlog/common.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace splitmx::observe {

class LineQueue {
public:
    using Clock = std::chrono::steady_clock;
    // Makes the line that tells of so many dropped ones.
    using ToldDropped = std::function<std::string(std::size_t)>;

    LineQueue(spdlog::sink_ptr sink, std::size_t capacity, ToldDropped told_dropped);
    ~LineQueue();
    LineQueue(LineQueue const&) = delete;
    LineQueue& operator=(LineQueue const&) = delete;

    void push(spdlog::level::level_enum level, std::string_view line);

private:
    void run();
    bool gather(std::unique_lock<std::mutex>& lock);
    void write(LineBuffer const& lines, std::size_t dropped);
    void write(std::string_view text);
    void flush();

    spdlog::sink_ptr sink_;
    std::size_t capacity_;
    ToldDropped told_dropped_;
    std::mutex mutex_;
    std::condition_variable wake_;
    LineBuffer lines_;
    std::size_t dropped_ = 0;
    bool asleep_ = false;  // nothing is there: the next line has to wake the thread
    bool urgent_ = false;
    bool stopping_ = false;
    // Of the thread:
    LineBuffer writing_;
    Clock::time_point written_{};
    Clock::time_point flushed_ = Clock::now();
    bool unflushed_ = false;
    std::thread thread_;
};

}  // namespace splitmx::observe
