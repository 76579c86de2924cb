// What this process asks of the disk: linking disk_calls.cpp puts its own pwrite, writev, fdatasync
// and their like in front of the system's, also for libraries such as LMDB. Tests make the n-th of
// them fail, or record all of them to act out a loss of power.
// Only files below the watched directory count. Threads: one at a time calls the disk; fail_all()
// and fail_at() may come from another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace splitmx::support::disk {

struct Call {
    enum class Kind { write, sync, truncate, mark };
    Kind kind = Kind::write;
    std::string path;
    std::uint64_t offset = 0;  // truncate: the length
    std::string octets;        // write; mark: its text
    bool durable = false;      // a write that is its own sync (O_DSYNC)
};

// From now on; empty: nothing counts.
void watch(std::string directory);
// The n-th call from now on fails with this errno; a failing write writes its first half. 0: none.
void fail_at(std::size_t n, int number);
// All of them, until fail_at() or watch().
void fail_all(int number);
std::size_t calls();  // since watch() or fail_at()

// Keeps the calls that succeed until stop.
void start_recording();
std::vector<Call> stop_recording();
// Something that happened between two calls, told by the test.
void mark(std::string text);

}  // namespace splitmx::support::disk
