// The one thread that writes to a Store. While it commits, further submissions gather, and the next
// commit takes them all: many messages share one wait for the disk, without any added delay.
// A submission's changes ride in one transaction: all or none. Its waiter hears of it after that,
// and each Inbox gets exactly one deliver() per batch, however many waiters it has in it. Completed
// in the order of submission. When a batch fails, nothing is tried twice that could be trusted
// wrongly: submissions with a Put get the error, those without one are applied in a second
// transaction, so that the queue keeps draining on a full disk. Only `exists` makes each submission
// go alone: one wrong id must not refuse the mail of others.
// With a DoneLog the removal of a message alone waits for a note instead (done_log.hpp); the store
// forgets it with one of the next commits.
// Ownership: store and inboxes outlive stop(). Threads: submit() and load() any thread; deliver()
// is called on the spool thread (after stop(): on the submitting one) and must only pass on.
#pragma once

#include "spool/done_thread.hpp"
#include "spool/store.hpp"

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

// Whoever waits for a submission; called once, by the owner of the Inbox.
class Waiter {
public:
    virtual ~Waiter() = default;
    virtual void done(Result<void> result) = 0;
};

struct Completion {
    std::unique_ptr<Waiter> waiter;
    Result<void> result;
};

// One per io loop: takes the completions of a batch there.
class Inbox {
public:
    virtual ~Inbox() = default;
    virtual void deliver(std::vector<Completion> completions) = 0;
};

// What waits or is being written, for back-pressure; and what was done since the start.
struct Load {
    std::size_t waiting = 0;           // submissions
    std::uint64_t waiting_octets = 0;  // of inline bodies, with a little for each envelope
    std::uint64_t batches = 0;
    std::uint64_t failed = 0;  // submissions
};

class SpoolThread {
public:
    // `done`: cleared (DoneLog::clear).
    explicit SpoolThread(Store& store, std::unique_ptr<DoneLog> done = nullptr);
    SpoolThread(SpoolThread const&) = delete;
    SpoolThread& operator=(SpoolThread const&) = delete;
    ~SpoolThread();  // as stop()

    void submit(Changes changes, Inbox& inbox, std::unique_ptr<Waiter> waiter);
    // Nobody waits: a failure shows in load() only.
    void submit(Changes changes);

    // Writes what was submitted, then ends the thread. Later submissions fail with `stopped`.
    void stop();
    Load load() const;
    // Noted as done; the store has it a little longer.
    bool is_done(SpoolId id) const;

private:
    struct Submission {
        Changes changes;
        Inbox* inbox = nullptr;  // null: nobody waits
        std::unique_ptr<Waiter> waiter;
        std::uint64_t octets = 0;
        bool noted = false;  // removals that are in the DoneLog
    };
    using Batch = std::vector<Submission>;
    using Clock = std::chrono::steady_clock;

    void enqueue(Submission submission);
    void noted(DoneThread::Endings endings, bool is_noted);
    enum class After { note, failed_removal };
    void remove_later(std::vector<SpoolId> const& ids, After what);
    void run();
    Batch take_batch();
    bool has_work() const;
    void add_noted(Batch& batch);
    void after_noted(Submission const& submission, bool removed);
    std::vector<Result<void>> commit(Batch& batch);
    static void move_back(Batch& batch, Changes& all);
    void complete(Batch batch, std::vector<Result<void>> results);

    Store& store_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    Batch waiting_;
    Load load_;
    std::vector<SpoolId> noted_;  // to be removed
    std::unordered_set<SpoolId> done_ids_;  // not removed yet
    Clock::time_point remove_at_{};  // the latest time for that, if there are any
    bool removal_failed_ = false;    // the last one
    bool gathering_ = false;         // not to be woken
    std::size_t last_batch_ = 0;     // submissions, without removals of ours
    bool stopping_ = false;
    std::once_flag joined_;
    std::unique_ptr<DoneLog> done_;
    std::thread thread_;
    std::unique_ptr<DoneThread> done_thread_;
};

}  // namespace splitmx::spool
