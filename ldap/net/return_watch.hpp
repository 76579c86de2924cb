// Looks now and then whether the server that is preferred is back, while another one is followed;
// on a thread of its own, because connecting may take long and changes must not wait for it. A
// server that takes the account is back: the session under way is then asked to end. Threads: the
// constructor starts one, the destructor ends it at once. Ownership: the Interrupt of the session
// outlives it.
#pragma once

#include "ldap/net/connect.hpp"
#include "ldap/net/interrupt.hpp"

#include <atomic>
#include <chrono>
#include <thread>

namespace splitmx::ldap::net {

class ReturnWatch {
public:
    ReturnWatch(ConnectSettings server, std::chrono::milliseconds pause, Interrupt& session);
    ~ReturnWatch();
    ReturnWatch(ReturnWatch const&) = delete;
    ReturnWatch& operator=(ReturnWatch const&) = delete;

    [[nodiscard]] bool is_back() const noexcept { return back_; }

private:
    void run();

    ConnectSettings const server_;
    std::chrono::milliseconds const pause_;
    Interrupt& session_;
    Interrupt own_;
    std::atomic<bool> back_ = false;
    std::thread thread_;
};

}  // namespace splitmx::ldap::net
