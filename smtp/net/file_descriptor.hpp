// A file descriptor that is closed with its owner.
// Threads: as an int. Errors: none; a failed close is not reported, nothing could be done.
#pragma once

#include <unistd.h>

#include <utility>

namespace splitmx::smtp::net {

class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        FileDescriptor old(std::exchange(number_, other.release()));
        return *this;
    }
    ~FileDescriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int get() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_ = -1;
};

}  // namespace splitmx::smtp::net
