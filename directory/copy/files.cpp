#include "directory/copy/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace splitmx::directory::copy {

namespace {

mail::Error failure(std::string const& path) {
    return {path + ": " + std::generic_category().message(errno), 0};
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

class PosixOutFile final : public OutFile {
public:
    PosixOutFile(std::string path, int descriptor)
        : path_(std::move(path)), descriptor_(descriptor) {}

    mail::Result<void> append(std::string_view octets) override {
        while (!octets.empty()) {
            auto const written = ::write(descriptor_.number(), octets.data(), octets.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failure(path_);
            octets.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }
    mail::Result<void> sync() override {
        if (::fsync(descriptor_.number()) != 0) return failure(path_);
        return {};
    }

private:
    std::string path_;
    Descriptor descriptor_;
};

}  // namespace

mail::Result<std::unique_ptr<OutFile>> PosixFiles::create(std::string const& path) {
    auto const number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (number < 0) return failure(path);
    return std::unique_ptr<OutFile>(std::make_unique<PosixOutFile>(path, number));
}

mail::Result<void> PosixFiles::rename(std::string const& from, std::string const& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) return failure(to);
    return {};
}

mail::Result<void> PosixFiles::sync_directory(std::string const& path) {
    Descriptor const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(folder.number()) != 0) return failure(path);
    return {};
}

mail::Result<std::optional<FileContent>> PosixFiles::read(std::string const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open() && errno == ENOENT) return std::optional<FileContent>();
    struct stat facts {};
    if (!file.is_open() || ::fstat(file.number(), &facts) != 0) return failure(path);
    FileContent content;
    auto const size = static_cast<std::size_t>(facts.st_size);
    content.octets.reset(new char[size]);  // not make_unique: it would fill it first
    while (content.size < size) {
        auto const got =
            ::read(file.number(), content.octets.get() + content.size, size - content.size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure(path);
        if (got == 0) break;  // shorter than it was: its end will be missed
        content.size += static_cast<std::size_t>(got);
    }
    return std::optional<FileContent>(std::move(content));
}

}  // namespace splitmx::directory::copy
