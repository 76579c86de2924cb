#include "relay/state_file.hpp"

#include "spool/errc.hpp"
#include "spool/file_system.hpp"

#include <fstream>
#include <sstream>
#include <system_error>

namespace splitmx::relay {

mail::Error about_file(std::filesystem::path const& file, std::string const& why) {
    return mail::Error{file.string() + ": " + why, 0};
}

mail::Result<std::optional<std::string>> read_state_file(std::filesystem::path const& file) {
    std::error_code failure;
    if (!std::filesystem::exists(file, failure)) {
        if (failure) return about_file(file, failure.message());
        return std::optional<std::string>();
    }
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return about_file(file, "cannot be read");
    return std::optional(text.str());
}

mail::Result<void> write_state_file(std::filesystem::path const& file, std::string_view text) {
    spool::PosixFileSystem files;
    auto const fresh = file.string() + ".new";
    auto const failed = [&](spool::Error const& error) { return about_file(file, error.what); };
    static_cast<void>(files.remove(fresh));  // of a run that was interrupted
    auto out = files.create(fresh);
    if (!out) return failed(out.error());
    if (auto const done = (*out)->append(text); !done) return failed(done.error());
    if (auto const done = (*out)->sync(); !done) return failed(done.error());
    if (auto const done = files.rename(fresh, file.string()); !done) return failed(done.error());
    auto const synced = files.sync_directory(file.parent_path().string());
    if (!synced) return failed(synced.error());
    return {};
}

}  // namespace splitmx::relay
