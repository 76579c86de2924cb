// What somebody wants to have written, and who waits for it: the work of the SpoolThread.
// A submission's changes are one matter: all or none.
// Ownership: a Submission has its changes and its waiter; the inbox outlives it. Threads: values;
// an Inbox says for itself. Errors: as store.hpp tells.
#pragma once

#include "spool/store.hpp"

#include <cstdint>
#include <memory>
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

// One per io loop: takes the completions of a commit there.
class Inbox {
public:
    virtual ~Inbox() = default;
    virtual void deliver(std::vector<Completion> completions) = 0;
};

struct Submission {
    Changes changes;
    Inbox* inbox = nullptr;  // null: nobody waits
    std::unique_ptr<Waiter> waiter;
    std::uint64_t octets = 0;
    bool noted = false;     // removals that are in the DoneLog, each a matter of its own
    bool may_wait = false;  // what is noted and slow: not due yet
};
using Batch = std::vector<Submission>;

// Inline bodies, with a little for each envelope.
std::uint64_t octets_of(Changes const& changes);

// Takes out of a batch what its store does not do quickly (Store::is_quick), so that it does not
// hold up the rest, which is to be applied first. The order of changes of one message stays.
Batch take_slow(Batch& batch, Store const& store);

}  // namespace splitmx::spool
