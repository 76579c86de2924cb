#include "ldap/net/return_watch.hpp"

#include <utility>

namespace splitmx::ldap::net {

ReturnWatch::ReturnWatch(
    ConnectSettings server, std::chrono::milliseconds pause, Interrupt& session
)
    : server_(std::move(server)), pause_(pause), session_(session), thread_([this] { run(); }) {}

ReturnWatch::~ReturnWatch() {
    own_.request_stop();
    thread_.join();
}

void ReturnWatch::run() {
    for (;;) {
        own_.wait_until(std::chrono::steady_clock::now() + pause_);
        if (own_.stop_requested()) return;
        if (!connect(server_, own_.token())) continue;
        back_ = true;
        session_.request_restart();
        return;
    }
}

}  // namespace splitmx::ldap::net
