// Tells every loop whose entries have changed in the directory, so that queued mail follows people
// at once. Threads: tell() any; listen() once. Ownership: the workers outlive the directory, which
// is the one who tells.
#pragma once

#include "mail/mailbox.hpp"

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

}  // namespace splitmx::relay
