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
    std::string const& what, std::size_t done, std::size_t total, std::chrono::duration<double> time
) {
    auto const count = fmt::format("{} {}  {:.1f} s", grouped(done), what, time.count());
    if (total == 0) return " " + count;
    auto const part = std::min(done, total);
    auto const filled = part * bar / total;
    return fmt::format(
        " {:>3} % |{}{}|  {}",
        part * 100 / total,
        std::string(filled, '#'),
        std::string(bar - filled, ' '),
        count
    );
}

Progress::Progress(Streams const& streams, std::string what, std::size_t total, bool quiet)
    : error_(streams.error),
      what_(std::move(what)),
      total_(total),
      visible_(!quiet && is_terminal(streams.error) && !is_terminal(streams.output)),
      started_(Clock::now()),
      next_(started_ + first_after) {}

Progress::~Progress() {
    if (!printed_) return;
    print(Clock::now());
    error_ << "\n" << std::flush;
}

void Progress::add(std::size_t count) {
    done_ += count;
    if (!visible_) return;
    std::unique_lock const lock(mutex_, std::try_to_lock);
    auto const now = Clock::now();
    if (lock && now >= next_) print(now);
}

void Progress::print(Clock::time_point now) {
    error_ << "\r" << progress_line(what_, done_, total_, now - started_) << std::flush;
    printed_ = true;
    next_ = now + between;
}

}  // namespace splitmx::admin
