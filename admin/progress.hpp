// How far a long command has come: one line on standard error that is written over itself. Only
// where people look at it: standard error is a terminal, and nothing is printed to one meanwhile.
// Threads: add() any, the rest one.
#pragma once

#include "admin/streams.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace splitmx::admin {

class Progress {
public:
    // When standard output gets what the command has to say.
    enum class Output { meanwhile, at_the_end };

    // `total`: 0 where nobody knows. Quiet ones say nothing.
    Progress(
        Streams const& streams,
        std::string what,
        std::size_t total,
        bool quiet,
        Output output = Output::meanwhile
    );
    ~Progress();  // ends the line
    Progress(Progress const&) = delete;
    Progress& operator=(Progress const&) = delete;

    void add(std::size_t count);
    // Where the total is of something else than what is counted: rows of a file of so many octets.
    void add(std::size_t count, std::size_t part);
    // Takes the line away, so that something else can be said; it comes back by itself.
    void clear();

private:
    using Clock = std::chrono::steady_clock;

    void print(Clock::time_point now);

    std::ostream& error_;
    std::string what_;
    std::size_t total_;
    bool visible_;
    std::atomic<std::size_t> done_{0};
    std::atomic<std::size_t> part_{0};  // of total_
    std::mutex mutex_;                  // below
    Clock::time_point started_;
    Clock::time_point next_;
    bool printed_ = false;
    std::size_t width_ = 0;  // of the line that is there
};

// " 100 % |##############################|  41 812 addresses  0.4 s": of `done` things, which are
// `part` of the total.
std::string progress_line(
    std::string const& what,
    std::size_t done,
    std::size_t part,
    std::size_t total,
    std::chrono::duration<double> time
);

}  // namespace splitmx::admin
