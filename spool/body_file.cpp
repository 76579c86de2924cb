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
    : files_(std::move(files)), path_(std::move(path)), reserve_(reserve) {}

Result<std::unique_ptr<BodyDirectory>> BodyDirectory::open(
    std::shared_ptr<FileSystem> files, std::string path, std::uint64_t reserve
) {
    if (auto made = files->make_directory(path); !made) return made.error();
    return std::unique_ptr<BodyDirectory>(
        new BodyDirectory(std::move(files), std::move(path), reserve)
    );
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

Result<void> BodyDirectory::remove(SpoolId id) {
    auto removed = files_->remove(file_of(id));
    if (!removed && removed.error().code == Errc::not_found) return {};
    return removed;
}

Result<std::size_t> BodyDirectory::sweep(std::function<bool(SpoolId)> const& is_known) {
    auto const names = files_->list(path_);
    if (!names) return names.error();
    std::size_t count = 0;
    for (auto const& name : *names) {
        auto const id = SpoolId::parse(name);
        bool const temporary =
            name.ends_with(temporary_suffix) &&
            SpoolId::parse(name.substr(0, name.size() - temporary_suffix.size()));
        // A name of another form is not ours to remove.
        if (!temporary && (!id || is_known(*id))) continue;
        auto const removed = files_->remove(fmt::format("{}/{}", path_, name));
        if (!removed) return removed.error();
        ++count;
    }
    return count;
}

}  // namespace splitmx::spool
