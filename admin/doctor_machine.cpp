#include "admin/doctor_machine.hpp"

#include "admin/setup_files.hpp"
#include "config/values.hpp"
#include "mail/clock.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <sstream>
#include <utility>

namespace splitmx::admin {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t sloppy_clock = 60;  // seconds

std::string name_of(uid_t user) {
    auto const* entry = ::getpwuid(user);
    return entry ? std::string(entry->pw_name) : fmt::format("user {}", user);
}

std::vector<gid_t> groups_of(passwd const& entry) {
    int count = 64;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    ::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count);
    groups.resize(static_cast<std::size_t>(std::clamp(count, 0, 64)));
    return groups;
}

// "Uid:", "Groups:" of /proc/PID/status.
std::optional<DoctorAccount> account_of(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/status", process));
    DoctorAccount account;
    bool found = false;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        if (name == "Uid:") {
            uid_t real = 0;
            found = static_cast<bool>(words >> real >> account.user);
        } else if (name == "Gid:" || name == "Groups:") {
            for (gid_t group = 0; words >> group;) account.groups.push_back(group);
        }
    }
    if (!found) return std::nullopt;
    account.name = name_of(account.user);
    return account;
}

FileFact fact_of(fs::path const& path) {
    FileFact fact;
    fact.path = path;
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return fact;
    fact.exists = true;
    fact.is_folder = S_ISDIR(about.st_mode);
    fact.owner = about.st_uid;
    fact.group = about.st_gid;
    fact.mode = about.st_mode & 07777U;
    return fact;
}

bool may(FileFact const& fact, mode_t bit, DoctorAccount const& account) {
    if (account.is_root()) return true;
    if (fact.owner == account.user) return (fact.mode & (bit << 6U)) != 0;
    bool const in_group =
        std::find(account.groups.begin(), account.groups.end(), fact.group) != account.groups.end();
    return (fact.mode & (in_group ? bit << 3U : bit)) != 0;
}

// A file that the configuration names, or a folder that the relay writes to.
struct Need {
    fs::path path;
    FileUse use = FileUse::read;
};

std::vector<Need> needs_of(config::Config const& config) {
    std::vector<Need> needs{{config.file}};
    for (auto const& key : config.keys) {
        // A credential is for root to read, who hands it over.
        bool const is_credential = key.value.starts_with("\"credential:");
        if (!key.reads.empty() && !is_credential) needs.push_back({key.reads});
    }
    needs.push_back({config.server.state_dir, FileUse::write});
    needs.push_back({config.spool.path, FileUse::write});
    needs.push_back({config.admin.socket.parent_path(), FileUse::write});
    if (config.history.keep) needs.push_back({config.history.file.parent_path(), FileUse::write});
    for (auto const& file : {config.log.file, config.log.decisions}) {
        if (file) needs.push_back({file->parent_path(), FileUse::write});
    }
    for (auto& need : needs) need.path = fs::absolute(need.path);
    return needs;
}

std::string_view id_of(Need const& need, bool exists) {
    if (need.use == FileUse::read) return "file-unreadable";
    return exists ? "folder-unwritable" : "folder-missing";
}

std::string fix_for(Need const& need, bool exists, DoctorAccount const& account) {
    auto const path = need.path.string();
    if (need.use == FileUse::read) {
        return exists ? fmt::format("chgrp {} {} && chmod g+r {}", account.name, path, path)
                      : "restore it, or change what names it";
    }
    if (path.starts_with("/run/")) return "systemctl start splitmx makes it (RuntimeDirectory=)";
    return exists ? fmt::format("chown {} {}", account.name, path)
                  : fmt::format("install -d -m 750 -o {} {}", account.name, path);
}

DoctorFindings look_at_files(config::Config const& config, DoctorAccount const& account) {
    DoctorFindings findings;
    auto const needs = needs_of(config);
    for (auto const& need : needs) {
        auto const way = way_to(need.path);
        auto trouble = access_trouble(way, need.use, account);
        if (!trouble) continue;
        bool const exists = way.back().path == need.path;
        // systemd makes it, and takes it away again.
        bool const is_run = need.use == FileUse::write && need.path.string().starts_with("/run/");
        auto level = is_run ? DoctorLevel::note : DoctorLevel::error;
        findings.push_back(
            finding(id_of(need, exists), level, std::move(*trouble), fix_for(need, exists, account))
        );
    }
    if (findings.empty()) {
        findings.push_back(finding(
            "files",
            fmt::format(
                "{} may read and write what the relay needs ({} places)", account.name, needs.size()
            )
        ));
    }
    return findings;
}

std::optional<DiskFact> disk_of(fs::path const& path) {
    auto const way = way_to(fs::absolute(path));
    struct statvfs about {};
    if (::statvfs(way.back().path.c_str(), &about) != 0) return std::nullopt;
    DiskFact disk;
    disk.path = path;
    disk.free = std::uint64_t{about.f_bavail} * about.f_frsize;
    disk.size = std::uint64_t{about.f_blocks} * about.f_frsize;
    disk.free_files = about.f_favail;
    disk.files = about.f_files;
    return disk;
}

ClockFact look_at_clock(config::Config const& config) {
    ClockFact clock;
    struct timex about {};
    if (::adjtimex(&about) >= 0) clock.is_kept = (about.status & STA_UNSYNC) == 0;
    auto const now = mail::to_seconds(std::chrono::system_clock::now());
    for (auto const& path : {config.file, config.server.state_dir, config.spool.path}) {
        struct stat about_file {};
        if (::stat(path.c_str(), &about_file) != 0) continue;
        auto const ahead = std::int64_t{about_file.st_mtime} - now;
        if (ahead <= std::max(sloppy_clock, clock.ahead_by)) continue;
        clock.ahead = path;
        clock.ahead_by = ahead;
    }
    return clock;
}

std::string size_text(std::uint64_t octets) {
    constexpr std::array units{"octets", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(octets);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    return unit == 0 ? fmt::format("{} {}", octets, units[unit])
                     : fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace

DoctorAccount account_of_relay(std::optional<pid_t> process) {
    if (process) {
        if (auto account = account_of(*process)) return *account;
    }
    // Who is not root cannot become somebody else: splitmxd would run as we do.
    auto const* service = ::geteuid() == 0 ? ::getpwnam(service_user) : nullptr;
    if (service) return {service->pw_name, service->pw_uid, groups_of(*service)};
    auto own = account_of(::getpid());
    return own ? *own : DoctorAccount{name_of(::geteuid()), ::geteuid(), {::getegid()}};
}

std::vector<FileFact> way_to(fs::path const& path) {
    std::vector<FileFact> way;
    fs::path at;
    for (auto const& part : path) {
        at /= part;
        if (part.empty()) continue;  // a final slash
        auto fact = fact_of(at);
        if (!fact.exists) break;
        way.push_back(std::move(fact));
    }
    if (way.empty()) way.push_back(fact_of("/"));
    // The path as it was asked for, without a final slash.
    if (at == path && !way.empty() && fact_of(path).exists) way.back().path = path;
    return way;
}

std::optional<std::string> access_trouble(
    std::vector<FileFact> const& way, FileUse use, DoctorAccount const& account
) {
    constexpr mode_t execute = 1;
    constexpr mode_t write = 2;
    constexpr mode_t read = 4;
    auto const& last = way.back();
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
        if (may(way[i], execute, account)) continue;
        return fmt::format("{} may not enter {}", account.name, way[i].path.string());
    }
    if (use == FileUse::read) {
        if (last.is_folder) return fmt::format("there is no file below {}", last.path.string());
        if (may(last, read, account)) return std::nullopt;
        return fmt::format("{} may not read {}", account.name, last.path.string());
    }
    if (may(last, write, account) && may(last, execute, account)) return std::nullopt;
    return fmt::format("{} may not write to {}", account.name, last.path.string());
}

DoctorFindings judge_disk(DiskFact const& disk, std::uint64_t reserve) {
    DoctorFindings findings;
    auto const free = size_text(disk.free);
    auto const place = disk.path.string();
    if (disk.free < reserve) {
        findings.push_back(finding(
            "disk-full",
            fmt::format(
                "{}: {} free, less than the reserve of {}", place, free, size_text(reserve)
            ),
            "make room: new mail is answered 452 until then"
        ));
    } else if (disk.free < 4 * reserve || disk.free < disk.size / 20) {
        findings.push_back(finding(
            "disk-low",
            fmt::format("{}: {} of {} free", place, free, size_text(disk.size)),
            fmt::format("make room: from {} on new mail is answered 452", size_text(reserve))
        ));
    }
    constexpr std::uint64_t few_files = 10'000;
    if (disk.files > 0 && disk.free_files < few_files) {
        findings.push_back(finding(
            "inodes-low",
            fmt::format("{}: room for {} more files", place, disk.free_files),
            "remove files there, or move [spool] path to a file system with more inodes"
        ));
    }
    if (findings.empty()) {
        findings.push_back(finding("disk", fmt::format("{}: {} free", place, free)));
    }
    return findings;
}

DoctorFindings judge_clock(ClockFact const& clock) {
    DoctorFindings findings;
    if (clock.ahead) {
        findings.push_back(finding(
            "clock-behind",
            fmt::format(
                "{} was written {} s after what the clock says now",
                clock.ahead->string(),
                clock.ahead_by
            ),
            "set the clock: dates in trace fields, retries and certificates go by it"
        ));
    }
    if (clock.is_kept == false) {
        findings.push_back(finding(
            "clock-free",
            "the system's clock is not synchronised",
            "timedatectl set-ntp true, or another time service; in a container the host's counts"
        ));
    }
    if (findings.empty() && clock.is_kept) {
        findings.push_back(finding("clock", "the system's clock is synchronised"));
    }
    return findings;
}

DoctorFindings look_at_machine(config::Config const& config, DoctorAccount const& account) {
    auto findings = look_at_files(config, account);
    auto const add = [&findings](DoctorFindings more) {
        findings.insert(findings.end(), more.begin(), more.end());
    };
    if (auto const disk = disk_of(config.spool.path)) add(judge_disk(*disk, config.spool.reserve));
    add(judge_clock(look_at_clock(config)));
    return findings;
}

}  // namespace splitmx::admin
