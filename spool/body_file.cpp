#include "spool/body_file.hpp"

#include <fmt/format.h>

#include <utility>

namespace splitmx::spool {

namespace {

constexpr std::size_t write_octets = 64 * 1024;        // per call to the system
constexpr std::uint64_t writeback_step = 1024 * 1024;  // so that the last sync is short
constexpr std::string_view temporary_suffix = ".tmp";

}  // namespace

FinishedFile::~FinishedFile() {
    // What cannot be removed now is swept at the next start.
    if (!kept_) static_cast<void>(directory_.remove(id_));
}

BodyWriter::BodyWriter(BodyDirectory& directory, SpoolId id, std::unique_ptr<File> file)
    : directory_(directory),
      id_(id),
      file_(std::move(file)),
      temporary_(directory.file_of(id).append(temporary_suffix)) {}

BodyWriter::~BodyWriter() {
    if (!temporary_.empty()) static_cast<void>(directory_.files().remove(temporary_));
}

Result<void> BodyWriter::append(std::string_view octets) {
    if (pending_.size() + octets.size() < write_octets) {
        pending_ += octets;
        return {};
    }
    if (auto flushed = flush(); !flushed) return flushed;
    if (octets.size() < write_octets) {
        pending_ = octets;
        return {};
    }
    return write(octets);
}

Result<void> BodyWriter::flush() {
    if (pending_.empty()) return {};
    auto written = write(pending_);
    pending_.clear();
    return written;
}

Result<void> BodyWriter::write(std::string_view octets) {
    if (auto written = file_->append(octets); !written) return written;
    written_ += octets.size();
    if (written_ - flushed_ >= writeback_step) {
        file_->start_writeback(flushed_, written_ - flushed_);
        flushed_ = written_;
    }
    return {};
}

Result<std::shared_ptr<FinishedFile const>> BodyWriter::finish() {
    if (auto flushed = flush(); !flushed) return flushed.error();
    if (auto synced = file_->sync(); !synced) return synced.error();
    file_.reset();
    auto const renamed = directory_.files().rename(temporary_, directory_.file_of(id_));
    if (!renamed) return renamed.error();
    temporary_.clear();
    // From here on the file has its name; dropping this removes it.
    auto finished = std::make_shared<FinishedFile const>(directory_, id_);
    auto const synced = directory_.files().sync_directory(directory_.path());
    if (!synced) return synced.error();
    return finished;
}

BodyDirectory::BodyDirectory(
    std::shared_ptr<FileSystem> files, std::string path, std::uint64_t reserve
)
    : files_(std::move(files)),
      path_(std::move(path)),
      damaged_path_(path_.substr(0, path_.rfind('/') + 1) + "damaged"),
      reserve_(reserve),
      space_([this] { return files_->free_space(path_); }) {}

Result<std::unique_ptr<BodyDirectory>> BodyDirectory::open(
    std::shared_ptr<FileSystem> files, std::string path, std::uint64_t reserve
) {
    if (auto made = files->make_directory(path); !made) return made.error();
    return std::unique_ptr<BodyDirectory>(
        new BodyDirectory(std::move(files), std::move(path), reserve)
    );
}

std::unique_ptr<BodyDirectory> BodyDirectory::existing(
    std::shared_ptr<FileSystem> files, std::string path
) {
    return std::unique_ptr<BodyDirectory>(new BodyDirectory(std::move(files), std::move(path), 0));
}

std::string BodyDirectory::file_of(SpoolId id) const {
    return fmt::format("{}/{}", path_, id.to_text());
}

Result<std::unique_ptr<BodyWriter>> BodyDirectory::create(SpoolId id) {
    if (reserve_ != 0) {
        auto const left = files_->free_space(path_);
        if (!left) return left.error();
        if (*left < reserve_) {
            return Error{Errc::no_space, fmt::format("{}: {} octets left", path_, *left)};
        }
    }
    auto file = files_->create(file_of(id).append(temporary_suffix));
    if (!file) return file.error();
    return std::make_unique<BodyWriter>(*this, id, std::move(*file));
}

Result<std::unique_ptr<File>> BodyDirectory::open_file(SpoolId id) {
    return files_->open(file_of(id));
}

Result<void> BodyDirectory::remove_path(std::string const& path) {
    auto removed = files_->remove(path);
    if (!removed && removed.error().code == Errc::not_found) return {};
    return removed;
}

Result<void> BodyDirectory::remove(SpoolId id) { return remove_path(file_of(id)); }

std::string BodyDirectory::damaged_file_of(SpoolId id) const {
    return fmt::format("{}/{}", damaged_path_, id.to_text());
}

Result<void> BodyDirectory::set_aside(SpoolId id) {
    if (auto made = files_->make_directory(damaged_path_); !made) return made;
    auto const renamed = files_->rename(file_of(id), damaged_file_of(id));
    if (!renamed && renamed.error().code == Errc::not_found) return {};
    if (!renamed) return renamed;
    if (auto synced = files_->sync_directory(damaged_path_); !synced) return synced;
    return files_->sync_directory(path_);
}

Result<std::unique_ptr<File>> BodyDirectory::open_set_aside(SpoolId id) {
    auto file = files_->open(damaged_file_of(id));
    if (file || file.error().code != Errc::not_found) return file;
    return open_file(id);  // not moved yet
}

Result<void> BodyDirectory::remove_set_aside(SpoolId id) {
    if (auto removed = remove_path(damaged_file_of(id)); !removed) return removed;
    return remove(id);
}

Result<std::size_t> BodyDirectory::sweep(std::function<Fate(SpoolId)> const& fate_of) {
    auto const names = files_->list(path_);
    if (!names) return names.error();
    std::size_t count = 0;
    for (auto const& name : *names) {
        bool const temporary = name.ends_with(temporary_suffix);
        auto const id = SpoolId::parse(
            temporary ? name.substr(0, name.size() - temporary_suffix.size()) : name
        );
        if (!id) continue;  // a name of another form is not ours to remove
        auto const fate = temporary ? Fate::remove : fate_of(*id);
        if (fate == Fate::keep) continue;
        auto const done = fate == Fate::set_aside
                              ? set_aside(*id)
                              : files_->remove(fmt::format("{}/{}", path_, name));
        if (!done) return done.error();
        if (fate == Fate::remove) ++count;
    }
    return count;
}

}  // namespace splitmx::spool
