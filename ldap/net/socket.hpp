// A connected stream socket, made within a time limit: TCP to a host or a local socket.
//
// Blocks the calling thread in slices of a tenth of a second, so that a request to stop is seen.
// Only the resolver library (getaddrinfo) keeps its own time. Descriptors are non-blocking and
// closed on exec.
#pragma once

#include "ldap/errc.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::ldap::net {

// Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

// How long we may still wait, and whether we are told to stop.
class Patience {
public:
    Patience(std::chrono::milliseconds limit, std::stop_token stop);

    [[nodiscard]] std::chrono::milliseconds left() const;

    // Until one of `events` (of poll) is there. Gives stopped, timeout or unreachable, or nothing.
    [[nodiscard]] std::optional<Error> wait(int fd, short events, std::string_view doing) const;

private:
    std::stop_token stop_;
    std::chrono::steady_clock::time_point deadline_;
};

// Tries the addresses of the host one after the other; fails with what the last one said.
[[nodiscard]] Result<Descriptor> connect_tcp(
    std::string const& host, int port, Patience const& patience
);

[[nodiscard]] Result<Descriptor> connect_local(std::string_view path, Patience const& patience);

}  // namespace splitmx::ldap::net
