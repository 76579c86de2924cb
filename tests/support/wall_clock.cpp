// The wall clock of one process as a test sets it: preloaded, it adds to every reading the seconds
// in the file that SPLITMX_TEST_CLOCK names, eight octets that may change at any moment. Only the
// wall clock moves: monotonic clocks and timers go on, as they do when an administrator or NTP sets
// a clock. (libfaketime also touches timerfd, and may then stop the timers of an event loop.)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

std::atomic<std::int64_t> const* offset = nullptr;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

[[gnu::constructor]] void open_clock() {
    char const* const file = std::getenv("SPLITMX_TEST_CLOCK");
    if (file == nullptr) return;
    int const fd = ::open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) std::abort();
    void* const place = ::mmap(nullptr, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    if (place == MAP_FAILED) std::abort();
    offset = static_cast<std::atomic<std::int64_t> const*>(place);
}

std::int64_t seconds_more() { return offset != nullptr ? offset->load() : 0; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
    auto const done = static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
    bool const is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (done == 0 && is_wall) now->tv_sec += seconds_more();
    return done;
}

int gettimeofday(timeval* now, void* zone) noexcept {
    auto const done = static_cast<int>(::syscall(SYS_gettimeofday, now, zone));
    if (done == 0) now->tv_sec += seconds_more();
    return done;
}

std::time_t time(std::time_t* now) noexcept {
    timespec precise{};
    clock_gettime(CLOCK_REALTIME, &precise);
    if (now != nullptr) *now = precise.tv_sec;
    return precise.tv_sec;
}

}  // extern "C"
