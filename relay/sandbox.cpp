#include "relay/sandbox.hpp"

#include "smtp/net/file_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace splitmx::relay {

namespace {

using Rights = std::uint64_t;

// Rights that the headers of Debian 12 do not know yet.
constexpr Rights truncate = 1U << 14;   // version 3
constexpr Rights device_io = 1U << 15;  // version 5

// Before it, no file can be moved to another folder.
constexpr int oldest_version = 2;

constexpr Rights reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// No program is run, and no device is made.
constexpr Rights writing = reading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                           LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                           LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                           LANDLOCK_ACCESS_FS_REFER | truncate;
constexpr Rights of_files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | truncate;

// All that a version knows: what no rule gives is then forbidden.
constexpr Rights rights_of(int version) {
    Rights rights = (1U << 14) - 1;
    if (version >= 3) rights |= truncate;
    if (version >= 5) rights |= device_io;
    return rights;
}

// What is not there, or out of reach already, needs no rule.
void allow(int rules, std::filesystem::path const& place, Rights rights) {
    smtp::net::FileDescriptor const descriptor(::open(place.c_str(), O_PATH | O_CLOEXEC));
    struct stat about {};
    if (!descriptor.is_open() || ::fstat(descriptor.get(), &about) != 0) return;
    landlock_path_beneath_attr rule{};
    rule.allowed_access = S_ISDIR(about.st_mode) ? rights : rights & of_files;
    rule.parent_fd = descriptor.get();
    ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

std::string reason() { return std::strerror(errno); }

// 0, or why not.
std::string confine(Reach const& reach, int version) {
    auto const known = rights_of(version);
    landlock_ruleset_attr handled{};
    handled.handled_access_fs = known;
    smtp::net::FileDescriptor const rules(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)
    ));
    if (!rules.is_open()) return "no rules can be made: " + reason();
    for (auto const& place : reach.read) allow(rules.get(), place, reading);
    for (auto const& place : reach.write) allow(rules.get(), place, writing & known);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "privileges stay: " + reason();
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
        return "the kernel refuses: " + reason();
    }
    return {};
}

// The kernel's version, or why there is none.
int kernel_version(std::string& why_not) {
    auto const version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version >= oldest_version) return static_cast<int>(version);
    if (version > 0) {
        why_not = fmt::format("the kernel's Landlock is too old (version {})", version);
    } else if (errno == ENOSYS) {
        why_not = "the kernel has no Landlock";
    } else if (errno == EOPNOTSUPP) {
        why_not = "Landlock is switched off in the kernel";
    } else {
        why_not = "Landlock cannot be used: " + reason();
    }
    return 0;
}

void make_folders(config::Config const& config) {
    std::error_code ignored;  // whoever needs a folder tells why it is not there
    std::filesystem::create_directories(config.server.state_dir, ignored);
    std::filesystem::create_directories(config.spool.path, ignored);
    for (auto const& file : {config.log.file, config.log.decisions}) {
        if (file) std::filesystem::create_directories(file->parent_path(), ignored);
    }
}

}  // namespace

Sandbox enter_sandbox(config::Config const& config) {
    Sandbox sandbox;
    if (!config.server.sandbox) {
        sandbox.why_not = "[server] sandbox is false";
        return sandbox;
    }
    auto const version = kernel_version(sandbox.why_not);
    if (version == 0) return sandbox;
    make_folders(config);
    auto reach = reach_of(config);
    sandbox.why_not = confine(reach, version);
    if (!sandbox.why_not.empty()) return sandbox;
    sandbox.version = version;
    sandbox.reach = std::move(reach);
    return sandbox;
}

std::string to_text(Sandbox const& sandbox) {
    if (!sandbox.is_on()) return "every file that the user may use is in reach: " + sandbox.why_not;
    return fmt::format(
        "only files that the configuration needs are in reach (Landlock, version {})",
        sandbox.version
    );
}

std::vector<std::string> files_beyond(Sandbox const& sandbox, config::Loaded const& other) {
    std::vector<std::string> findings;
    if (!sandbox.is_on()) return findings;
    auto const& reach = sandbox.reach;
    auto const add = [&](std::string_view section, std::string_view key, auto const& file) {
        findings.push_back(fmt::format(
            "{} {}: {} is outside of the sandbox that the relay has been in since its start",
            section,
            key,
            file.string()
        ));
    };
    std::error_code ignored;
    for (auto const& key : other.keys) {
        if (key.reads.empty() || covers(reach.read, key.reads)) continue;
        if (covers(reach.write, key.reads)) continue;
        // Of what is not there, whoever reads it says so.
        if (!std::filesystem::exists(key.reads, ignored)) continue;
        add(key.section, key.info->name, key.reads);
    }
    if (other.config && other.config->log.file && !covers(reach.write, *other.config->log.file)) {
        add("[log]", "file", *other.config->log.file);
    }
    return findings;
}

}  // namespace splitmx::relay
