#include "dns/hosts_file.hpp"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace splitmx::dns {

mail::Result<mail::HostsTable> read_hosts_file(std::string const& path) {
    auto const failed = [&path] {
        return mail::Error{"cannot read " + path + ": " + std::strerror(errno), 0};
    };
    std::ifstream file(path, std::ios::binary);
    if (!file) return failed();
    std::string text;
    std::array<char, 4096> block;
    while (file.read(block.data(), block.size()), file.gcount() > 0) {
        text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (file.bad()) return failed();
    return mail::parse_hosts(text);
}

FileStamp FileStamp::of(std::string const& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return FileStamp();
    FileStamp stamp;
    stamp.changed = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
    stamp.octets = status.st_size;
    stamp.inode = status.st_ino;
    return stamp;
}

std::vector<mail::IpAddress> HostsFile::find(std::string const& name) {
    if (path_.empty()) return {};
    std::lock_guard const lock(mutex_);
    auto const stamp = FileStamp::of(path_);
    if (stamp != stamp_) {
        // Kept where it cannot be read: an administrator's override must not vanish by accident.
        if (auto table = read_hosts_file(path_)) {
            table_ = std::move(*table);
            stamp_ = stamp;
        }
    }
    auto const known = table_.find(name);
    return known == table_.end() ? std::vector<mail::IpAddress>() : known->second;
}

}  // namespace splitmx::dns
