#include "relay/supervisor.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace splitmx::relay {

namespace {

// A number of an environment variable; none where it is not there or no number.
std::optional<std::uint64_t> number_in(char const* name) {
    char const* const text = std::getenv(name);
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    auto const* const end = text + std::strlen(text);
    auto const [rest, error] = std::from_chars(text, end, number);
    if (error != std::errc() || rest != end) return std::nullopt;
    return number;
}

}  // namespace

void notify_supervisor(std::string_view state) {
    char const* const path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (!path || (path[0] != '/' && path[0] != '@')) return;
    auto const length = std::strlen(path);
    if (length >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = '\0';
    int const socket_fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_fd < 0) return;
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // Nothing to do when it fails: a supervisor that does not listen is no fault of the relay.
    (void)::sendto(
        socket_fd,
        state.data(),
        state.size(),
        MSG_NOSIGNAL,
        reinterpret_cast<sockaddr const*>(&address),
        size
    );
    ::close(socket_fd);
}

std::optional<std::chrono::microseconds> watchdog_interval() {
    auto const limit = number_in("WATCHDOG_USEC");
    auto const process = number_in("WATCHDOG_PID");
    bool const is_ours = !process || *process == static_cast<std::uint64_t>(::getpid());
    if (!limit || *limit < 2 || !is_ours) return std::nullopt;
    return std::chrono::microseconds(*limit / 2);
}

LongStart::LongStart() : thread_([this] { ask(); }) {}

LongStart::~LongStart() {
    {
        std::lock_guard const lock(mutex_);
        done_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void LongStart::ask() {
    auto const usec = std::chrono::microseconds(extension).count();
    auto const request = fmt::format("EXTEND_TIMEOUT_USEC={}\nSTATUS=Loading", usec);
    auto const end = std::chrono::steady_clock::now() + longest;
    std::unique_lock lock(mutex_);
    auto wait = first;
    while (std::chrono::steady_clock::now() < end) {
        if (changed_.wait_for(lock, wait, [this] { return done_; })) return;
        notify_supervisor(request);
        wait = interval;
    }
}

Supervisor::Supervisor(boost::asio::io_context& main, Pulse const& pulse, Status status)
    : pulse_(pulse),
      status_(std::move(status)),
      watchdog_(watchdog_interval()),
      status_timer_(main),
      watchdog_timer_(main) {}

void Supervisor::start() {
    tell_status();
    if (watchdog_) tell_life();
}

void Supervisor::stop() {
    status_timer_.cancel();
    watchdog_timer_.cancel();
}

void Supervisor::tell_status() {
    if (!std::getenv("NOTIFY_SOCKET")) return;
    // Also when nothing has changed: whoever reads a configuration says so in the same place.
    status_([](std::string const& line) { notify_supervisor("STATUS=" + line); });
    status_timer_.expires_after(status_interval);
    status_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) tell_status();
    });
}

void Supervisor::tell_life() {
    if (pulse_.is_beating()) notify_supervisor("WATCHDOG=1");
    watchdog_timer_.expires_after(*watchdog_);
    watchdog_timer_.async_wait([this](boost::system::error_code error) {
        if (!error) tell_life();
    });
}

}  // namespace splitmx::relay
