#include "admin/setup_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <utility>

namespace splitmx::admin {

namespace {

namespace fs = std::filesystem;

mail::Error failed(fs::path const& path, std::string_view what) {
    return mail::Error{
        fmt::format("{}: {}: {}", path.string(), what, std::generic_category().message(errno)), 0};
}

// Removed with what is in it.
class TrialFolder {
public:
    TrialFolder() {
        std::error_code none;
        auto name = (fs::temp_directory_path(none) / "splitmx-setup-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~TrialFolder() {
        std::error_code none;
        if (!path_.empty()) fs::remove_all(path_, none);
    }
    TrialFolder(TrialFolder const&) = delete;
    TrialFolder& operator=(TrialFolder const&) = delete;

    fs::path const& path() const { return path_; }

private:
    fs::path path_;
};

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

std::optional<Owner> owner_of_service() {
    if (::geteuid() != 0) return std::nullopt;
    auto const* entry = ::getpwnam(service_user);
    return entry ? std::optional(Owner{entry->pw_uid, entry->pw_gid}) : std::nullopt;
}

struct Descriptor {
    int number;
    ~Descriptor() { ::close(number); }
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        auto const written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

// In one step: whoever looks sees the old file, or the new one.
mail::Result<void> replace_file(
    fs::path const& path, std::string_view text, mode_t mode, std::optional<Owner> const& owner
) {
    auto const fresh = path.string() + ".new";
    ::unlink(fresh.c_str());
    Descriptor const file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file.number < 0) return failed(fresh, "cannot be written");
    bool const done = write_all(file.number, text) &&
                      (!owner || ::fchown(file.number, owner->user, owner->group) == 0) &&
                      ::fchmod(file.number, mode) == 0 &&
                      ::rename(fresh.c_str(), path.c_str()) == 0;
    if (done) return {};
    auto const error = failed(path, "cannot be written");
    ::unlink(fresh.c_str());
    return error;
}

std::string timestamp() {
    auto const now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
    return text;
}

// A second name for what is there; the new one then takes its place.
mail::Result<std::optional<fs::path>> keep(fs::path const& path) {
    std::error_code failure;
    if (!fs::exists(fs::symlink_status(path, failure))) return std::optional<fs::path>();
    auto const stamp = timestamp();
    for (int number = 0; number < 100; ++number) {
        auto name = fmt::format("{}.before-{}", path.string(), stamp);
        if (number > 0) name += fmt::format("-{}", number);
        if (::link(path.c_str(), name.c_str()) == 0) return std::optional<fs::path>(name);
        if (errno != EEXIST) break;
    }
    return failed(path, "the file that is there cannot be kept");
}

mail::Result<void> make_folder(fs::path const& folder, std::optional<Owner> const& owner) {
    std::error_code failure;
    if (folder.empty() || fs::exists(folder, failure)) return {};
    if (!fs::create_directories(folder, failure)) {
        errno = failure.value();
        return failed(folder, "cannot be made");
    }
    // Root's, and for the relay to read.
    ::chmod(folder.c_str(), 0750);
    if (owner && ::chown(folder.c_str(), 0, owner->group) != 0) {
        return failed(folder, "cannot be given to the group of the relay");
    }
    return {};
}

}  // namespace

fs::path password_file_of(fs::path const& config) {
    return config.parent_path() / password_file_name;
}

mail::Result<config::Loaded> try_configuration(std::string const& text) {
    TrialFolder const folder;
    if (folder.path().empty()) return failed("a folder for a trial", "cannot be made");
    auto const file = folder.path() / "splitmx.toml";
    for (auto const& [path, content] :
         {std::pair(folder.path() / password_file_name, std::string("unknown\n")),
          std::pair(file, text)}) {
        if (auto written = replace_file(path, content, 0600, std::nullopt); !written) {
            return written.error();
        }
    }
    return config::load(file, config::Purpose::inspect);
}

mail::Result<WrittenFiles> write_files(SetupFiles const& files) {
    auto const owner = owner_of_service();
    if (auto made = make_folder(files.config.parent_path(), owner); !made) return made.error();
    WrittenFiles written;
    if (files.password) {
        auto const path = password_file_of(files.config);
        auto kept = keep(path);
        if (!kept) return kept.error();
        auto done = replace_file(path, *files.password + "\n", 0600, owner);
        if (!done) return done.error();
    }
    auto kept = keep(files.config);
    if (!kept) return kept.error();
    written.kept = *kept;
    // Root keeps what it may change; the relay reads by its group.
    auto reader = owner;
    if (reader) reader->user = 0;
    bool const is_root = ::geteuid() == 0;
    auto done = replace_file(files.config, files.text, is_root && owner ? 0640 : 0644, reader);
    if (!done) return done.error();
    if (is_root && !owner) {
        written.remark = fmt::format(
            "there is no user {} yet: whoever runs splitmxd must be able to read these files",
            service_user
        );
    }
    return written;
}

}  // namespace splitmx::admin
