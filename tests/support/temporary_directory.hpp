// A directory of its own for one test, removed with all it holds. In memory where the system has
// /dev/shm, so that tests which sync a lot do not wait for the disk; TMPDIR, when set, wins.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace splitmx::support {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        auto pattern = (parent() / "splitmx-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    TemporaryDirectory(TemporaryDirectory const&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory const&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::filesystem::path const& path() const { return path_; }
    std::string file(std::string const& name) const { return (path_ / name).string(); }

private:
    static std::filesystem::path parent() {
        bool const chosen = ::getenv("TMPDIR") != nullptr;
        if (!chosen && ::access("/dev/shm", W_OK) == 0) return "/dev/shm";
        return std::filesystem::temp_directory_path();
    }

    std::filesystem::path path_;
};

}  // namespace splitmx::support
