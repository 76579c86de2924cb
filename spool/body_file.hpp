// Large bodies as files of their own, one per message, named by its spool id: raw octets, so that
// `cat` is the tool. Written under a temporary name; finish() makes them durable (fdatasync,
// rename, fsync of the directory) before any record may name them. Those of damaged messages are
// moved to the folder `damaged` beside the directory, unchanged.
// Ownership: BodyWriter and FinishedFile remove their file unless it is kept; both need their
// BodyDirectory, which outlives them. Threads: BodyDirectory any; the others one at a time.
// finish() waits for the disk: call it outside of an io loop. Errors: no_space, io.
#pragma once

#include "spool/disk_space.hpp"
#include "spool/file_system.hpp"
#include "spool/spool_id.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace splitmx::spool {

class BodyDirectory;

// A durable body file that no record names yet. Whoever commits the record calls keep().
class FinishedFile {
public:
    FinishedFile(BodyDirectory& directory, SpoolId id) : directory_(directory), id_(id) {}
    FinishedFile(FinishedFile const&) = delete;
    FinishedFile& operator=(FinishedFile const&) = delete;
    ~FinishedFile();

    SpoolId id() const { return id_; }
    void keep() const { kept_ = true; }

private:
    BodyDirectory& directory_;
    SpoolId id_;
    mutable bool kept_ = false;
};

class BodyWriter {
public:
    BodyWriter(BodyDirectory& directory, SpoolId id, std::unique_ptr<File> file);
    BodyWriter(BodyWriter const&) = delete;
    BodyWriter& operator=(BodyWriter const&) = delete;
    ~BodyWriter();

    // After an error only the destructor makes sense.
    Result<void> append(std::string_view octets);
    Result<std::shared_ptr<FinishedFile const>> finish();

private:
    Result<void> flush();
    Result<void> write(std::string_view octets);

    BodyDirectory& directory_;
    SpoolId id_;
    std::unique_ptr<File> file_;
    std::string temporary_;  // path; empty: renamed
    std::string pending_;    // octets that no write took yet
    std::uint64_t written_ = 0;
    std::uint64_t flushed_ = 0;  // octets whose writing to the disk was started
};

class BodyDirectory {
public:
    // The directory is made when it is missing. `reserve`: octets of the disk that new bodies leave
    // free, so that the queue can drain on a full disk.
    static Result<std::unique_ptr<BodyDirectory>> open(
        std::shared_ptr<FileSystem> files, std::string path, std::uint64_t reserve = 0
    );
    // For those who only look: nothing is made.
    static std::unique_ptr<BodyDirectory> existing(
        std::shared_ptr<FileSystem> files, std::string path
    );

    Result<std::unique_ptr<BodyWriter>> create(SpoolId id);
    Result<std::unique_ptr<File>> open_file(SpoolId id);
    Result<void> remove(SpoolId id);  // a missing file is fine
    // Moves the file, if there is one, out of the way of everything; it stays as it is.
    Result<void> set_aside(SpoolId id);
    Result<std::unique_ptr<File>> open_set_aside(SpoolId id);
    Result<void> remove_set_aside(SpoolId id);  // a missing file is fine

    // At start: files that no record names are removed, those of messages that were set aside
    // follow them, and whatever was being written goes. Returns how many were removed.
    enum class Fate { keep, set_aside, remove };
    Result<std::size_t> sweep(std::function<Fate(SpoolId)> const& fate_of);

    FileSystem& files() { return *files_; }
    std::string const& path() const { return path_; }
    // Octets; a little old (disk_space.hpp), for those who ask at each message.
    std::uint64_t space_left() { return space_.left(); }
    std::string file_of(SpoolId id) const;

private:
    BodyDirectory(std::shared_ptr<FileSystem> files, std::string path, std::uint64_t reserve);
    std::string damaged_file_of(SpoolId id) const;
    Result<void> remove_path(std::string const& path);

    std::shared_ptr<FileSystem> files_;
    std::string path_;
    std::string damaged_path_;
    std::uint64_t reserve_;
    DiskSpace space_;
};

}  // namespace splitmx::spool
