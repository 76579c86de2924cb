// Which messages are at their end, noted sooner than a store can forget them: a commit takes several
// writes and two syncs, a note one write, by whoever has it to say. What is noted leaves the store
// with one of the next commits. Until then the note is in the kernel's hands: it outlives the
// process, so that a kill repeats at most one transaction for each connection; where the power goes,
// what was delivered since the last commit may be delivered again (docs/adr/0045).
// A file of fixed length that is written over, note after note: it needs no room on a full disk. A
// note is free when its message has been removed. At a start whatever valid notes name is removed
// from the store; then the file is cleared. Ids are never given twice, so an old note can hit
// nothing else.
// Threads: note() and done() any; take() and removed() one. Errors: no_space when all notes are
// taken; anything else: the log takes no further ones.
#pragma once

#include "spool/file_system.hpp"
#include "spool/spool_id.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace splitmx::spool {

class Store;

class DoneLog {
public:
    static constexpr std::size_t note_octets = 16;
    static constexpr std::size_t most_notes = 64 * 1024;

    // Makes the file where there is none.
    static Result<std::unique_ptr<DoneLog>> open(FileSystem& files, std::string const& path);

    // What is noted there, for somebody who only looks. None where there is no file.
    static Result<std::vector<SpoolId>> read(FileSystem& files, std::string const& path);

    // What an earlier run has noted: remove it from the store, then clear().
    std::vector<SpoolId> const& found() const { return found_; }
    Result<void> clear();

    // How many wait for take() now. Requires: cleared since it was opened, if it was not new.
    Result<std::size_t> note(SpoolId id);
    std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
    // Those that wait, oldest first: to be removed from the store.
    std::vector<SpoolId> take();
    // Those taken that are removed.
    void removed(std::vector<SpoolId> const& ids);
    // Where removals fail for long, the notes are all there is.
    Result<void> sync();
    // What is noted and not removed yet.
    std::unordered_set<SpoolId> done() const;

private:
    explicit DoneLog(std::unique_ptr<File> file) : file_(std::move(file)) {}

    std::unique_ptr<File> file_;
    std::vector<SpoolId> found_;
    mutable std::mutex mutex_;
    std::size_t next_ = 0;  // place in the file
    bool failed_ = false;
    // By their places in the file, from the oldest that is not removed yet; those that wait are at
    // the end. None: removed before an older one.
    std::deque<std::optional<SpoolId>> open_;
    std::atomic<std::size_t> waiting_{0};
};

// Takes what was noted out of the store, so that it is not delivered again, and begins a new log.
Result<void> finish_noted(DoneLog& log, Store& store);

}  // namespace splitmx::spool
