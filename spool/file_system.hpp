// The few calls to the operating system that keep bodies, the journal and notes of what is done, as a seam: tests
// put in a file system that fails at its n-th call.
// Ownership: a File closes itself. Threads: FileSystem any; a File one at a time. Paths are
// absolute. Errors: as system_error() of errc.hpp tells them; a failed append may have written a
// part, and after a failed sync nothing is known about the file's octets on the disk: never sync
// again and trust it.
#pragma once

#include "spool/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splitmx::spool {

class File {
public:
    virtual ~File() = default;
    virtual Result<void> append(std::string_view octets) = 0;
    // Over what is there. A failed one may have written a part.
    virtual Result<void> write_at(std::uint64_t offset, std::string_view octets) = 0;
    // Less than asked for only at the end of the file.
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) = 0;
    virtual Result<std::uint64_t> size() = 0;
    virtual Result<void> sync() = 0;  // octets and length
    // Makes it so long, with room on the disk for all of it; what is new reads as zeros.
    virtual Result<void> reserve(std::uint64_t octets) = 0;
    // Starts writing these octets to the disk and does not wait. A hint: it cannot fail.
    virtual void start_writeback(std::uint64_t offset, std::uint64_t octets) = 0;
};

class FileSystem {
public:
    virtual ~FileSystem() = default;
    virtual Result<std::unique_ptr<File>> create(std::string const& path) = 0;  // must not exist
    virtual Result<std::unique_ptr<File>> open(std::string const& path) = 0;    // for reading
    virtual Result<std::unique_ptr<File>> open_to_change(std::string const& path) = 0;
    // To read, and to write whole blocks of 4096 octets from memory that begins with a block: past
    // the page cache where the file system can.
    virtual Result<std::unique_ptr<File>> open_for_blocks(std::string const& path) = 0;
    virtual Result<void> rename(std::string const& from, std::string const& to) = 0;
    virtual Result<void> remove(std::string const& path) = 0;
    virtual Result<void> make_directory(std::string const& path) = 0;  // existing: fine
    virtual Result<void> sync_directory(std::string const& path) = 0;
    virtual Result<std::vector<std::string>> list(std::string const& path) = 0;  // names of files
    virtual Result<std::uint64_t> free_space(std::string const& path) = 0;       // octets
};

class PosixFileSystem final : public FileSystem {
public:
    Result<std::unique_ptr<File>> create(std::string const& path) override;
    Result<std::unique_ptr<File>> open(std::string const& path) override;
    Result<std::unique_ptr<File>> open_to_change(std::string const& path) override;
    Result<std::unique_ptr<File>> open_for_blocks(std::string const& path) override;
    Result<void> rename(std::string const& from, std::string const& to) override;
    Result<void> remove(std::string const& path) override;
    Result<void> make_directory(std::string const& path) override;
    Result<void> sync_directory(std::string const& path) override;
    Result<std::vector<std::string>> list(std::string const& path) override;
    Result<std::uint64_t> free_space(std::string const& path) override;
};

}  // namespace splitmx::spool
