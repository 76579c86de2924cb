#include "smtp/net/hosts_file.hpp"

#include "smtp/net/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace splitmx::smtp::net {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::string_view next_word(std::string_view& line) {
    auto const begin = std::min(line.find_first_not_of(blanks), line.size());
    auto const end = std::min(line.find_first_of(blanks, begin), line.size());
    auto const word = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return word;
}

std::string key_of(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    std::string key(name);
    for (char& octet : key) {
        if (octet >= 'A' && octet <= 'Z') octet = static_cast<char>(octet - 'A' + 'a');
    }
    return key;
}

void add_line(std::string_view line, HostsTable& table) {
    line = line.substr(0, line.find('#'));
    auto const address = mail::IpAddress::parse(next_word(line));
    if (!address) return;
    for (auto name = next_word(line); !name.empty(); name = next_word(line)) {
        auto& addresses = table[key_of(name)];
        if (std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
            addresses.push_back(*address);
        }
    }
}

}  // namespace

HostsTable parse_hosts(std::string_view text) {
    HostsTable table;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        add_line(text.substr(0, end), table);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return table;
}

mail::Result<HostsTable> read_hosts_file(std::string const& path) {
    auto const failed = [&path] {
        return mail::Error{"cannot read " + path + ": " + std::strerror(errno), 0};
    };
    FileDescriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed();
    std::string text;
    std::array<char, 4096> block;
    for (;;) {
        auto const got = ::read(file.get(), block.data(), block.size());
        if (got < 0) return failed();
        if (got == 0) return parse_hosts(text);
        text.append(block.data(), static_cast<std::size_t>(got));
    }
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

}  // namespace splitmx::smtp::net
