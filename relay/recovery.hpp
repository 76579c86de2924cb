// The start of a queue: the messages of an earlier run, read by a thread of its own and shared out
// among the loops while new mail comes in already.
// Only ids up to the last one of the earlier run are read: what comes in meanwhile has its loop.
// Threads: begin and end on the service's; in between its own. Ownership: workers and parts
// outlive it. Errors: what cannot be read is logged and stays in the spool.
#pragma once

#include "relay/parts.hpp"

#include <functional>
#include <thread>
#include <vector>

namespace splitmx::relay {

class Worker;

class Recovery {
public:
    // `last`: the highest id of the earlier run. `done` is called on the recovery's thread.
    Recovery(
        Parts& parts, std::vector<Worker*> workers, spool::SpoolId last, std::function<void()> done
    );
    ~Recovery();  // waits for it
    Recovery(Recovery const&) = delete;
    Recovery& operator=(Recovery const&) = delete;

private:
    void run(std::vector<Worker*> const& workers, spool::SpoolId last);

    Parts& parts_;
    std::thread thread_;
};

}  // namespace splitmx::relay
