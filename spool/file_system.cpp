#include "spool/file_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace splitmx::spool {

namespace {

class PosixFile final : public File {
public:
    PosixFile(int descriptor, std::string path) : fd_(descriptor), path_(std::move(path)) {}
    PosixFile(PosixFile const&) = delete;
    PosixFile& operator=(PosixFile const&) = delete;
    ~PosixFile() override { ::close(fd_); }

    Result<void> append(std::string_view octets) override {
        while (!octets.empty()) {
            auto const written = ::write(fd_, octets.data(), octets.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return system_error("write", path_, errno);
            octets.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<void> write_at(std::uint64_t offset, std::string_view octets) override {
        while (!octets.empty()) {
            auto const written =
                ::pwrite(fd_, octets.data(), octets.size(), static_cast<off_t>(offset));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return system_error("write", path_, errno);
            offset += static_cast<std::uint64_t>(written);
            octets.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
        std::size_t done = 0;
        while (done < buffer.size()) {
            auto const got = ::pread(
                fd_, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done)
            );
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return system_error("read", path_, errno);
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    Result<std::uint64_t> size() override {
        struct stat about {};
        if (::fstat(fd_, &about) != 0) return system_error("examine", path_, errno);
        return static_cast<std::uint64_t>(about.st_size);
    }

    Result<void> sync() override {
        if (::fdatasync(fd_) != 0) return system_error("sync", path_, errno);
        return {};
    }

    Result<void> reserve(std::uint64_t octets) override {
        // Not the system's call: some file systems do not know it, the library's writes there.
        int const failure = ::posix_fallocate(fd_, 0, static_cast<off_t>(octets));
        if (failure != 0) return system_error("reserve room for", path_, failure);
        return {};
    }

    void start_writeback(std::uint64_t offset, std::uint64_t octets) override {
        ::sync_file_range(
            fd_, static_cast<off_t>(offset), static_cast<off_t>(octets), SYNC_FILE_RANGE_WRITE
        );
    }

private:
    int fd_;
    std::string path_;
};

Result<std::unique_ptr<File>> open_as(std::string const& path, int flags, char const* action) {
    int const fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0) return system_error(action, path, errno);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, path));
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::create(std::string const& path) {
    return open_as(path, O_WRONLY | O_CREAT | O_EXCL, "create");
}

Result<std::unique_ptr<File>> PosixFileSystem::open(std::string const& path) {
    return open_as(path, O_RDONLY, "open");
}

Result<std::unique_ptr<File>> PosixFileSystem::open_to_change(std::string const& path) {
    return open_as(path, O_RDWR, "open");
}

Result<std::unique_ptr<File>> PosixFileSystem::open_for_blocks(std::string const& path) {
    int const fd = ::open(path.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC);
    if (fd < 0) return open_as(path, O_RDWR, "open");
    return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, path));
}

Result<void> PosixFileSystem::rename(std::string const& from, std::string const& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from, errno);
    return {};
}

Result<void> PosixFileSystem::remove(std::string const& path) {
    if (::unlink(path.c_str()) != 0) return system_error("remove", path, errno);
    return {};
}

Result<void> PosixFileSystem::make_directory(std::string const& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_error("make the directory", path, errno);
    }
    return {};
}

Result<void> PosixFileSystem::sync_directory(std::string const& path) {
    int const fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return system_error("open the directory", path, errno);
    int const failure = ::fsync(fd) != 0 ? errno : 0;
    ::close(fd);
    if (failure != 0) return system_error("sync the directory", path, failure);
    return {};
}

Result<std::vector<std::string>> PosixFileSystem::list(std::string const& path) {
    std::error_code failure;
    std::vector<std::string> names;
    std::filesystem::directory_iterator at(path, failure);
    std::filesystem::directory_iterator const end;
    while (!failure && at != end) {
        if (at->is_regular_file(failure)) names.push_back(at->path().filename().string());
        at.increment(failure);
    }
    if (failure) return system_error("list", path, failure.value());
    return names;
}

Result<std::uint64_t> PosixFileSystem::free_space(std::string const& path) {
    struct statvfs about {};
    if (::statvfs(path.c_str(), &about) != 0) return system_error("examine", path, errno);
    return std::uint64_t{about.f_bavail} * about.f_frsize;
}

}  // namespace splitmx::spool
