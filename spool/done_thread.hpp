// The thread that notes the ends of messages (done_log.hpp): while it syncs one note, further ends
// gather for the next.
// Ownership: the log outlives stop(). Threads: submit() any; Noted is called on the thread, after
// stop() on the submitting one.
#pragma once

#include "spool/done_log.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace splitmx::spool {

class Inbox;
class Waiter;

struct Ending {
    SpoolId id;
    Inbox* inbox = nullptr;  // null: nobody waits
    std::unique_ptr<Waiter> waiter;
};

class DoneThread {
public:
    using Endings = std::vector<Ending>;
    // Whether they were noted; in the order of submission.
    using Noted = std::function<void(Endings endings, bool noted)>;

    DoneThread(DoneLog& log, Noted noted);
    DoneThread(DoneThread const&) = delete;
    DoneThread& operator=(DoneThread const&) = delete;
    ~DoneThread();  // as stop()

    void submit(Ending ending);
    // Notes what was submitted, then ends the thread.
    void stop();

private:
    void run();
    Endings take_batch();

    DoneLog& log_;
    Noted noted_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Endings waiting_;
    bool stopping_ = false;
    std::once_flag joined_;
    std::thread thread_;
};

}  // namespace splitmx::spool
