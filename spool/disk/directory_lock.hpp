// One owner at a time for a directory: an exclusive flock on its file `lock`. The system drops it
// when the process ends, however it ends. Threads: one at a time. Errors: locked, io.
#pragma once

#include "spool/errc.hpp"

#include <string>
#include <utility>

namespace splitmx::spool::disk {

class DirectoryLock {
public:
    DirectoryLock() = default;
    static Result<DirectoryLock> take(std::string const& directory);
    DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    DirectoryLock& operator=(DirectoryLock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~DirectoryLock();

private:
    explicit DirectoryLock(int descriptor) : fd_(descriptor) {}

    int fd_ = -1;
};

}  // namespace splitmx::spool::disk
