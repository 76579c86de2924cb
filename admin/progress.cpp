#include "admin/progress.hpp"

#include "admin/decision_diff.hpp"
#include "admin/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace splitmx::admin {

namespace {

constexpr std::chrono::milliseconds first_after{300};
constexpr std::chrono::milliseconds between{100};
constexpr std::size_t bar = 30;

}  // namespace

std::string progress_line(
    std::string const& what,
    std::size_t done,
    std::size_t part,
    std::size_t total,
    std::chrono::duration<double> time
) {
    auto const count = fmt::format("{} {}  {:.1f} s", grouped(done), what, time.count());
    if (total == 0) return " " + count;
    auto const reached = std::min(part, total);
    auto const filled = reached * bar / total;
    return fmt::format(
        " {:>3} % |{}{}|  {}",
        reached * 100 / total,
        std::string(filled, '#'),
        std::string(bar - filled, ' '),
        count
    );
}

Progress::Progress(
    Streams const& streams, std::string what, std::size_t total, bool quiet, Output output
)
    : error_(streams.error),
      what_(std::move(what)),
      total_(total),
      visible_(
          !quiet && is_terminal(streams.error) &&
          (output == Output::at_the_end || !is_terminal(streams.output))
      ),
      started_(Clock::now()),
      next_(started_ + first_after) {}

Progress::~Progress() {
    if (!printed_) return;
    print(Clock::now());
    error_ << "\n" << std::flush;
}

void Progress::add(std::size_t count) { add(count, count); }

void Progress::add(std::size_t count, std::size_t part) {
    done_ += count;
    part_ += part;
    if (!visible_) return;
    std::unique_lock const lock(mutex_, std::try_to_lock);
    auto const now = Clock::now();
    if (lock && now >= next_) print(now);
}

void Progress::clear() {
    std::lock_guard const lock(mutex_);
    if (width_ == 0) return;
    error_ << "\r" << std::string(std::exchange(width_, 0), ' ') << "\r";
}

void Progress::print(Clock::time_point now) {
    auto const line = progress_line(what_, done_, part_, total_, now - started_);
    error_ << "\r" << line << std::flush;
    width_ = line.size();
    printed_ = true;
    next_ = now + between;
}

}  // namespace splitmx::admin
