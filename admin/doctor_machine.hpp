// What the machine gives a relay: files and folders for its user, room, the time. Looking touches
// the machine; judging is a function of what was seen. Access lists and capabilities beside the
// modes of files are not looked at. Threads: any. Errors: what cannot be seen is no finding.
// Source: path_resolution(7), adjtimex(2).
#pragma once

#include "admin/doctor_finding.hpp"
#include "config/config.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace splitmx::admin {

// Whom the relay runs as.
struct DoctorAccount {
    std::string name;
    uid_t user = 0;
    std::vector<gid_t> groups;

    bool is_root() const { return user == 0; }
};

// Of a process that runs; else the user of the service, where there is one; else we.
DoctorAccount account_of_relay(std::optional<pid_t> process);

struct FileFact {
    std::filesystem::path path;
    bool exists = false;
    bool is_folder = false;
    uid_t owner = 0;
    gid_t group = 0;
    mode_t mode = 0;
};

enum class FileUse { read, write };

// Every folder on the way to `path`, and itself; of one that is not there, the last that is.
std::vector<FileFact> way_to(std::filesystem::path const& path);
// Why this account may not do it, if so; `way` is not empty.
std::optional<std::string> access_trouble(
    std::vector<FileFact> const& way, FileUse use, DoctorAccount const& account
);

struct DiskFact {
    std::filesystem::path path;
    std::uint64_t free = 0;  // octets, for others than root
    std::uint64_t size = 0;
    std::uint64_t free_files = 0;
    std::uint64_t files = 0;  // 0: the file system has no such limit
};
DoctorFindings judge_disk(DiskFact const& disk, std::uint64_t reserve);

struct ClockFact {
    std::optional<bool> is_kept;                 // by a time service, as the system says
    std::optional<std::filesystem::path> ahead;  // a file that was written later than now
    std::int64_t ahead_by = 0;                   // seconds
};
DoctorFindings judge_clock(ClockFact const& clock);

// All of it, for this configuration.
DoctorFindings look_at_machine(config::Config const& config, DoctorAccount const& account);

}  // namespace splitmx::admin
