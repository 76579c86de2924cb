#include "ldap/net/sync_client.hpp"

#include "ldap/net/sync_loop.hpp"

#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace splitmx::ldap::net {

class SyncClient::Running {
public:
    Running(SyncSettings settings, sync::Consumer& consumer)
        : settings_(std::move(settings)),
          loop_(settings_, consumer, interrupt_),
          thread_([this] { loop_.run(); }) {}

    ~Running() { stop(); }
    Running(Running const&) = delete;
    Running& operator=(Running const&) = delete;

    void restart() { interrupt_.request_restart(); }

    void stop() {
        interrupt_.request_stop();
        std::lock_guard const lock(mutex_);
        if (thread_.joinable()) thread_.join();
    }

private:
    SyncSettings const settings_;
    Interrupt interrupt_;
    SyncLoop loop_;
    std::mutex mutex_;  // for joining
    std::thread thread_;
};

SyncClient::SyncClient(SyncSettings settings, sync::Consumer& consumer) {
    if (settings.uris.empty() || settings.page_size <= 0) {
        throw std::invalid_argument("to follow a directory needs a server and a page size");
    }
    running_ = std::make_unique<Running>(std::move(settings), consumer);
}

SyncClient::~SyncClient() = default;

void SyncClient::restart() { running_->restart(); }

void SyncClient::stop() { running_->stop(); }

}  // namespace splitmx::ldap::net
