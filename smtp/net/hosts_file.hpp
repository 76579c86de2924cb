// The hosts file as a value: names to addresses, as an administrator wrote them (hosts(5)).
// Names are in lower case without a trailing dot. A line that makes no sense is passed over, as the
// system's own resolver does; only a file that cannot be read is an error.
// HostsFile is such a file as it is now: a change is seen at the next question. When it can no
// longer be read, what it said last stands. Threads: functions of their input; HostsFile may be
// asked from any. Source: Q146944, RFC 952.
#pragma once

#include "mail/ip_address.hpp"
#include "mail/result.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace splitmx::smtp::net {

using HostsTable = std::unordered_map<std::string, std::vector<mail::IpAddress>>;

HostsTable parse_hosts(std::string_view text);
mail::Result<HostsTable> read_hosts_file(std::string const& path);

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
    HostsTable table_;
};

}  // namespace splitmx::smtp::net
