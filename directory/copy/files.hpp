// The few calls to the operating system that keep a snapshot, as a seam: tests put in files that
// fail at their n-th call.
// Threads: one at a time. Ownership: an OutFile closes itself. Errors: one line with the path and
// the system's words. After a failed sync nothing is known about what is on the disk.
#pragma once

#include "mail/result.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace splitmx::directory::copy {

// A whole file in memory, aligned for any value.
struct FileContent {
    std::unique_ptr<char[]> octets;
    std::size_t size = 0;
};

class OutFile {
public:
    virtual ~OutFile() = default;
    virtual mail::Result<void> append(std::string_view octets) = 0;
    virtual mail::Result<void> sync() = 0;
};

class Files {
public:
    virtual ~Files() = default;
    // Empty, whatever was there; readable by this user only.
    virtual mail::Result<std::unique_ptr<OutFile>> create(std::string const& path) = 0;
    virtual mail::Result<void> rename(std::string const& from, std::string const& to) = 0;
    virtual mail::Result<void> sync_directory(std::string const& path) = 0;
    // Nothing: there is no such file.
    virtual mail::Result<std::optional<FileContent>> read(std::string const& path) = 0;
};

class PosixFiles final : public Files {
public:
    mail::Result<std::unique_ptr<OutFile>> create(std::string const& path) override;
    mail::Result<void> rename(std::string const& from, std::string const& to) override;
    mail::Result<void> sync_directory(std::string const& path) override;
    mail::Result<std::optional<FileContent>> read(std::string const& path) override;
};

}  // namespace splitmx::directory::copy
