// A short log in front of the database: small new messages and removals go there first, with one
// write and one sync for a batch (docs/adr/0050). One file of fixed length, written from its
// beginning to its end, past the page cache where the file system can; then everything that still
// counts is moved into the database in one transaction, which also keeps the mark: up to where the
// journal is moved. So what counts is the database, and over it the frames behind the mark, at each
// moment at which a process or a machine can stop.
// After a failed write or sync nobody knows what the disk holds: the journal takes nothing more
// until it is opened again, and the next move covers that frame too.
// Ownership: the file closes with it. Threads: one at a time. Errors: not_found where the file is
// gone, io, no_space.
#pragma once

#include "spool/disk/journal_frame.hpp"
#include "spool/disk/journal_scan.hpp"
#include "spool/file_system.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::spool::disk {

// As it is kept.
std::string to_octets(JournalMark const& mark);
std::optional<JournalMark> to_mark(std::string_view octets);

class Journal {
public:
    // `size`: octets, of whole blocks; with less than two it is never used.
    Journal(FileSystem& files, std::string path, std::uint64_t size)
        : files_(files), path_(std::move(path)), size_(size) {}

    // What is there behind the mark.
    static Result<JournalContent> read(
        FileSystem& files,
        std::string const& path,
        JournalMark const& mark,
        FrameVisitor const& visitor
    );

    // Goes on behind what is there.
    Result<JournalContent> resume(JournalMark const& mark, FrameVisitor const& visitor);
    // Opens or makes the file, once. It is used when moved() tells that the mark is in the
    // database; after an error never, and all goes as it went without journals.
    Result<void> prepare();
    bool is_prepared() const { return file_ != nullptr && !started_ && !failed_; }
    bool is_open() const { return started_ && !failed_; }
    bool has_failed() const { return failed_; }

    bool has_room(std::size_t octets) const { return octets <= largest() && at_ + octets <= size_; }
    Result<void> append(JournalEntries const& entries);
    // There may be frames that the database does not know.
    bool is_ahead() const { return number_ != moved_; }

    // To be kept in the database with all that was appended; then moved() when that is durable.
    JournalMark mark() const { return {nonce_, number_}; }
    void moved();

private:
    std::uint64_t largest() const { return std::min<std::uint64_t>(size_ / 4, largest_frame); }
    Result<void> open_or_make();

    FileSystem& files_;
    std::string path_;
    std::uint64_t size_;
    std::unique_ptr<File> file_;
    BlockBuffer buffer_;
    std::uint64_t nonce_ = 0;
    std::uint64_t number_ = 0;  // of the last frame that was tried
    std::uint64_t moved_ = 0;   // of the last one that is in the database
    std::uint64_t at_ = 0;
    bool started_ = false;
    bool failed_ = false;
};

}  // namespace splitmx::spool::disk
