// What the file of a journal holds behind a mark, read piece by piece: what it takes in memory does
// not grow with the file. Looks behind a damaged write, too: what follows it still counts.
// Ownership: nothing is kept. Threads: one at a time for a file. Errors: io, and what the visitor
// says, which ends the scan.
#pragma once

#include "spool/disk/journal_frame.hpp"
#include "spool/file_system.hpp"

#include <cstdint>
#include <functional>

namespace splitmx::spool::disk {

// All frames of the file with this nonce and up to this number are in the database.
struct JournalMark {
    std::uint64_t nonce = 0;
    std::uint64_t number = 0;

    bool operator==(JournalMark const&) const = default;
};

// What is behind a mark.
struct JournalContent {
    std::uint64_t last = 0;  // number of the last frame; of the mark, where there is none
    std::uint64_t end = 0;   // offset behind it
    std::uint64_t lost = 0;  // frames that are missing before it: damage
};

// The entries of a frame, in the order of frames.
using FrameVisitor = std::function<Result<void>(JournalEntries const& entries)>;

Result<JournalContent> scan_journal(
    File& file, JournalMark const& mark, FrameVisitor const& visitor
);

}  // namespace splitmx::spool::disk
