// The hosts file on the disk. HostsFile is such a file as it is now: a change is seen at the next
// question. When it can no longer be read, what it said last stands.
// Threads: HostsFile may be asked from any. Errors: a file that cannot be read. Source: Q146944.
#pragma once

#include "mail/hosts_table.hpp"
#include "mail/ip_address.hpp"
#include "mail/result.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace splitmx::dns {

mail::Result<mail::HostsTable> read_hosts_file(std::string const& path);

// Tells one version of a file from another; all zero where there is no file.
struct FileStamp {
    long long changed = 0;  // nanoseconds
    long long octets = 0;
    unsigned long long inode = 0;

    static FileStamp of(std::string const& path);
    bool operator==(FileStamp const&) const = default;
};

class HostsFile {
public:
    // "" is no file.
    explicit HostsFile(std::string path) : path_(std::move(path)) {}

    // `name` in lower case, without a trailing dot.
    std::vector<mail::IpAddress> find(std::string const& name);

private:
    std::string path_;
    std::mutex mutex_;
    FileStamp stamp_;
    mail::HostsTable table_;
};

}  // namespace splitmx::dns
