#include "ldap/net/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace splitmx::ldap::net {

Interrupt::Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Interrupt::~Interrupt() { ::close(fd_); }

void Interrupt::request_stop() {
    source_.request_stop();
    wake();
}

void Interrupt::request_restart() {
    restart_ = true;
    wake();
}

bool Interrupt::take_restart() noexcept {
    if (!stop_requested()) {
        eventfd_t ignored = 0;
        ::eventfd_read(fd_, &ignored);
    }
    return restart_.exchange(false);
}

void Interrupt::wait_until(std::chrono::steady_clock::time_point when) const {
    using std::chrono::milliseconds;
    for (;;) {
        auto const left =
            std::chrono::ceil<milliseconds>(when - std::chrono::steady_clock::now()).count();
        if (left <= 0 || is_pending()) return;
        pollfd item{fd_, POLLIN, 0};
        ::poll(&item, 1, static_cast<int>(std::min<milliseconds::rep>(left, 3'600'000)));
    }
}

void Interrupt::wake() const noexcept { ::eventfd_write(fd_, 1); }

}  // namespace splitmx::ldap::net
