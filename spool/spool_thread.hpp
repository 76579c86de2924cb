// The one thread that writes to a Store. While it commits, further submissions gather, and the next
// commit takes them all: many messages share one wait for the disk. In a crowd a commit waits up to
// half a millisecond for more.
// A submission's changes ride in one transaction: all or none. Its waiter hears of it after that,
// and each Inbox gets exactly one deliver() per commit, however many waiters it has in it. What a
// store does quickly (Store::is_quick) is committed and told first, by itself; of each of the two
// kinds all is completed in the order of submission (docs/adr/0052). When a batch fails, nothing is
// tried twice that could be trusted wrongly: submissions with a Put get the error, those without one
// are applied in a second transaction, so that the queue keeps draining on a full disk. Only
// `exists` makes each submission go alone: one wrong id must not refuse the mail of others.
// What has a note in the DoneLog (done_log.hpp) is removed with the next commit where that is quick,
// else many at a time (docs/adr/0049): the pages of messages that came together are given back
// together, and the next ones are written to them in few pieces. A commit that finds no room has
// them removed at once.
// Ownership: store and inboxes outlive stop(). Threads: all but stop() any thread; deliver()
// is called on the spool thread (after stop(): on the submitting one) and must only pass on.
#pragma once

#include "spool/done_log.hpp"
#include "spool/submission.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

namespace splitmx::spool {

// What waits or is being written, for back-pressure; and what was done since the start.
struct Load {
    std::size_t waiting = 0;           // submissions
    std::uint64_t waiting_octets = 0;  // of inline bodies, with a little for each envelope
    std::uint64_t batches = 0;
    std::uint64_t failed = 0;  // submissions
};

// When what is noted as done is removed: the oldest one has waited so long, or so many wait.
struct NotedLimits {
    std::chrono::milliseconds longest{50};
    std::size_t most = 512;
};

class SpoolThread {
public:
    // `done`: cleared (DoneLog::clear).
    explicit SpoolThread(
        Store& store, std::unique_ptr<DoneLog> done = nullptr, NotedLimits limits = {}
    );
    SpoolThread(SpoolThread const&) = delete;
    SpoolThread& operator=(SpoolThread const&) = delete;
    ~SpoolThread();  // as stop()

    void submit(Changes changes, Inbox& inbox, std::unique_ptr<Waiter> waiter);
    // Nobody waits: a failure shows in load() only.
    void submit(Changes changes);
    // The message is at its end: a kill does not bring it back, and it leaves the store soon.
    // False: that could not be noted, submit its removal.
    bool note_done(SpoolId id);

    // Writes what was submitted, then ends the thread. Later submissions fail with `stopped`.
    void stop();
    Load load() const;
    // Noted as done; the store has them a little longer.
    std::unordered_set<SpoolId> done() const;

private:
    using Clock = std::chrono::steady_clock;
    using Lock = std::unique_lock<std::mutex>;
    static constexpr auto never = Clock::time_point::max();

    void enqueue(Submission submission);
    void run();
    Batch take_batch();
    void wait_for_work(Lock& lock);
    void gather(Lock& lock);
    Batch take_waiting();
    bool has_work() const;
    bool has_removals() const;
    bool are_removals_due() const;
    bool do_all_removals_ride() const;
    void add_noted(Batch& batch);
    void keep_back(Batch& slow);
    void after_noted(Changes changes, bool removed);
    void carry_out(Batch batch);
    std::vector<Result<void>> commit(Batch& batch);
    static void move_back(Batch& batch, Changes& all);
    void complete(Batch batch, std::vector<Result<void>> results);

    Store& store_;
    NotedLimits const limits_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Batch waiting_;
    Load load_;
    Changes unremoved_;                    // removals of what is noted that have failed
    Changes slow_;                         // those that wait, since they are slow
    Clock::time_point remove_at_ = never;  // the latest time for removals; never: not known yet
    bool gathering_ = false;               // not to be woken
    std::size_t last_batch_ = 0;           // submissions, without removals of ours
    bool stopping_ = false;
    std::once_flag joined_;
    std::unique_ptr<DoneLog> done_;
    std::thread thread_;
};

}  // namespace splitmx::spool
