// Tells every loop whose entries have changed in the directory, so that queued mail follows people
// at once. Threads: tell() any; listen() once. Ownership: the workers outlive the directory, which
// is the one who tells.
#pragma once

#include "directory/directory_service.hpp"
#include "mail/mailbox.hpp"
#include "observe/log.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

namespace splitmx::relay {

class Worker;

// Keys of addresses (mail::Mailbox::key).
using ChangedAddresses = std::shared_ptr<std::unordered_set<std::string> const>;

class DirectoryNews {
public:
    // Until then nobody is told: mail of an earlier run is decided anew in any case.
    void listen(std::vector<Worker*> workers);
    void tell(std::vector<mail::Mailbox> const& changed);

private:
    std::mutex mutex_;
    std::vector<Worker*> workers_;
};

// What the directories report, into the log and the news; both outlive the observer.
directory::ServiceObserver observer_of(observe::Log& log, DirectoryNews& news);

}  // namespace splitmx::relay
