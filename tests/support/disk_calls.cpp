#include "tests/support/disk_calls.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <limits>
#include <utility>

namespace splitmx::support::disk {

namespace {

std::string directory;
constexpr auto every_call = std::numeric_limits<std::size_t>::max();
std::atomic<std::size_t> failing = 0;
std::atomic<int> failure = 0;
std::atomic<std::size_t> made = 0;
bool recording = false;
std::vector<Call> recorded;

std::string path_of(int fd) {
    char name[32];
    char path[4096];
    std::snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    auto const length = ::readlink(name, path, sizeof path);
    return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : std::string();
}

// Empty: not watched.
std::string watched(int fd) {
    if (directory.empty()) return {};
    auto path = path_of(fd);
    bool const counts = path.starts_with(directory) && !path.ends_with("/lock.mdb");
    return counts ? path : std::string();
}

bool strikes() { return ++made == failing || failing == every_call; }

void keep(Call call) {
    if (recording) recorded.push_back(std::move(call));
}

template <class Function>
Function* next(char const* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

ssize_t real_pwrite(int fd, void const* octets, std::size_t size, off_t offset) {
    static auto* const call = next<ssize_t(int, void const*, std::size_t, off_t)>("pwrite");
    return call(fd, octets, size, offset);
}

ssize_t write_at(int fd, std::string path, std::string octets, off_t offset) {
    if (strikes()) {
        if (failure != EROFS) real_pwrite(fd, octets.data(), octets.size() / 2, offset);
        errno = failure;
        return -1;
    }
    auto const written = real_pwrite(fd, octets.data(), octets.size(), offset);
    if (written > 0) {
        octets.resize(static_cast<std::size_t>(written));
        bool const durable = (::fcntl(fd, F_GETFL) & O_DSYNC) != 0;
        auto const at = static_cast<std::uint64_t>(offset);
        keep({Call::Kind::write, std::move(path), at, std::move(octets), durable});
    }
    return written;
}

int sync(int fd, char const* name) {
    auto* const call = next<int(int)>(name);
    auto path = watched(fd);
    if (path.empty()) return call(fd);
    if (strikes()) {
        errno = failure;
        return -1;
    }
    auto const done = call(fd);
    if (done == 0) keep({Call::Kind::sync, std::move(path), 0, {}, false});
    return done;
}

int truncate(int fd, off_t length, char const* name) {
    auto* const call = next<int(int, off_t)>(name);
    auto path = watched(fd);
    if (path.empty()) return call(fd, length);
    if (strikes()) {
        errno = failure;
        return -1;
    }
    auto const done = call(fd, length);
    auto const to = static_cast<std::uint64_t>(length);
    if (done == 0) keep({Call::Kind::truncate, std::move(path), to, {}, false});
    return done;
}

}  // namespace

void watch(std::string below) {
    directory = std::move(below);
    fail_at(0, 0);
}

void fail_at(std::size_t n, int number) {
    failure = number;
    made = 0;
    failing = n;
}

void fail_all(int number) { fail_at(every_call, number); }

std::size_t calls() { return made; }

void start_recording() {
    recorded.clear();
    recording = true;
}

std::vector<Call> stop_recording() {
    recording = false;
    return std::exchange(recorded, {});
}

void mark(std::string text) { keep({Call::Kind::mark, {}, 0, std::move(text), false}); }

}  // namespace splitmx::support::disk

// -- in front of the system's ---------------------------------------------------------------------

namespace disk = splitmx::support::disk;

extern "C" {

ssize_t pwrite(int fd, void const* octets, std::size_t size, off_t offset) {
    auto path = disk::watched(fd);
    if (path.empty()) return disk::real_pwrite(fd, octets, size, offset);
    return disk::write_at(fd, std::move(path), {static_cast<char const*>(octets), size}, offset);
}

ssize_t pwrite64(int fd, void const* octets, std::size_t size, off_t offset) {
    return pwrite(fd, octets, size, offset);
}

// LMDB seeks and writes several pages at once.
ssize_t writev(int fd, iovec const* pieces, int count) {
    static auto* const call = disk::next<ssize_t(int, iovec const*, int)>("writev");
    auto path = disk::watched(fd);
    if (path.empty()) return call(fd, pieces, count);
    std::string all;
    for (int i = 0; i < count; ++i) {
        all.append(static_cast<char const*>(pieces[i].iov_base), pieces[i].iov_len);
    }
    auto const at = ::lseek(fd, 0, SEEK_CUR);
    auto const written = disk::write_at(fd, std::move(path), std::move(all), at);
    if (written > 0) ::lseek(fd, at + written, SEEK_SET);
    return written;
}

int fdatasync(int fd) { return disk::sync(fd, "fdatasync"); }
int fsync(int fd) { return disk::sync(fd, "fsync"); }
int ftruncate(int fd, off_t length) noexcept { return disk::truncate(fd, length, "ftruncate"); }
int ftruncate64(int fd, off_t length) noexcept { return disk::truncate(fd, length, "ftruncate64"); }

int msync(void* start, std::size_t size, int flags) {
    static auto* const call = disk::next<int(void*, std::size_t, int)>("msync");
    if (!disk::directory.empty() && disk::strikes()) {
        errno = disk::failure;
        return -1;
    }
    return call(start, size, flags);
}

}  // extern "C"
