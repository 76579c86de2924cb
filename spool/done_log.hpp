// Which messages are at their end, noted on the disk sooner than a store can forget them: a commit
// takes several writes and two syncs, a note one of each. A courier that waits for it goes on in a
// fraction of the time, and a crash repeats no more deliveries. What is noted is removed from the
// store a little later, together with much else.
// A file of fixed length that is written over, block after block: never longer, so that a sync has
// no metadata to write, and needs no room on a full disk. A block is free when all that it notes
// has been removed. At a start whatever valid blocks name is removed from the store; then the file
// is cleared. Ids are never given twice, so an old note can hit nothing else.
// Threads: any; note() one at a time. Errors: no_space when all
// blocks are taken; anything else: the log takes no further notes, as after a failed sync nobody
// knows what the disk holds.
#pragma once

#include "spool/file_system.hpp"
#include "spool/spool_id.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace splitmx::spool {

class Store;

class DoneLog {
public:
    static constexpr std::size_t block_octets = 4096;
    static constexpr std::size_t blocks = 256;
    static constexpr std::size_t most_ids = (block_octets - 16) / 8;  // of one note

    // Makes the file where there is none.
    static Result<std::unique_ptr<DoneLog>> open(FileSystem& files, std::string const& path);

    // What is noted there, for somebody who only looks. None where there is no file.
    static Result<std::vector<SpoolId>> read(FileSystem& files, std::string const& path);

    // What an earlier run has noted: remove it from the store, then clear().
    std::vector<SpoolId> const& found() const { return found_; }
    Result<void> clear();

    // Durable on return. Requires: cleared since it was opened, if it was not new; most_ids.
    Result<void> note(std::span<SpoolId const> ids);
    // So many of those noted are removed from the store, in their order.
    void removed(std::size_t ids);

private:
    explicit DoneLog(std::unique_ptr<File> file) : file_(std::move(file)) {}

    std::unique_ptr<File> file_;
    std::vector<SpoolId> found_;
    std::size_t next_ = 0;  // block
    bool failed_ = false;
    std::mutex mutex_;
    std::deque<std::size_t> open_;  // ids of each block that are not removed yet, oldest first
};

// Takes what was noted out of the store, so that it is not delivered again, and begins a new log.
Result<void> finish_noted(DoneLog& log, Store& store);

}  // namespace splitmx::spool
