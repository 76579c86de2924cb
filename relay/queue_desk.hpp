// QueueService over all workers: questions are posted to every loop, and the last one to answer
// brings the whole.
// Threads: any. Ownership: the service's; workers and parts outlive it.
#pragma once

#include "relay/paused_hosts.hpp"
#include "relay/queue_service.hpp"
#include "relay/worker.hpp"

#include <atomic>
#include <mutex>
#include <vector>

namespace splitmx::relay {

class QueueDesk final : public QueueService {
public:
    QueueDesk(Parts& parts, std::vector<Worker*> workers);

    // Hosts that were paused when the relay ended. Call before anything is delivered.
    mail::Result<void> restore_pauses();
    void recovery_ended() { complete_ = true; }

    void apply(
        spool::SpoolId id, QueueOperation operation, std::function<void(OperationAnswer)> done
    ) override;
    void snapshot(std::function<void(QueueSnapshot)> done) override;
    void pause_host(std::string name, std::string reason, std::function<void(HostAnswer)> done)
        override;
    void resume_host(std::string name, std::function<void(HostAnswer)> done) override;

private:
    bool is_known(std::string const& hop) const;
    void change_pause(
        std::string name, std::optional<std::string> reason, std::function<void(HostAnswer)> done
    );
    HostAnswer write_pause(std::string const& hop, std::optional<std::string> reason);
    std::filesystem::path file() const;

    Parts& parts_;
    std::vector<Worker*> const workers_;
    std::atomic<bool> complete_ = false;
    std::mutex mutex_;  // of the file and of what is in it
    Pauses pauses_;
};

}  // namespace splitmx::relay
