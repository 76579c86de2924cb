#include "spool/done_log.hpp"

#include "spool/checksum.hpp"
#include "spool/store.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace splitmx::spool {

namespace {

// A block: eight octets of name, how many ids, the checksum of all behind it; then the ids.
constexpr std::string_view name = "SMXDONE1";
constexpr std::size_t head_octets = 16;
constexpr std::size_t id_octets = 8;

template <class Number>
void append(std::string& text, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i) {
        text += static_cast<char>(number >> (8 * i) & 0xff);
    }
}

template <class Number>
Number number_at(std::string_view text, std::size_t offset) {
    Number number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) {
        auto const octet = static_cast<unsigned char>(text[offset + i]);
        number |= static_cast<Number>(octet) << (8 * i);
    }
    return number;
}

std::string block_of(std::span<SpoolId const> ids) {
    std::string list;
    list.reserve(ids.size() * id_octets);
    for (auto const id : ids) append(list, id.value());
    std::string block(name);
    block.reserve(DoneLog::block_octets);
    append(block, static_cast<std::uint32_t>(ids.size()));
    append(block, crc32c(list));
    block += list;
    block.resize(DoneLog::block_octets, '\0');
    return block;
}

// Nothing where a write was cut off, or never took place.
void read_block(std::string_view block, std::vector<SpoolId>& ids) {
    if (!block.starts_with(name)) return;
    auto const count = number_at<std::uint32_t>(block, name.size());
    if (count > DoneLog::most_ids) return;
    auto const list = block.substr(head_octets, count * id_octets);
    if (crc32c(list) != number_at<std::uint32_t>(block, name.size() + 4)) return;
    for (std::size_t i = 0; i < count; ++i) {
        ids.emplace_back(number_at<std::uint64_t>(list, i * id_octets));
    }
}

Result<std::vector<SpoolId>> read_all(File& file) {
    std::string all(DoneLog::blocks * DoneLog::block_octets, '\0');
    auto const got = file.read_at(0, all);
    if (!got) return got.error();
    std::vector<SpoolId> ids;
    for (std::size_t at = 0; at < all.size(); at += DoneLog::block_octets) {
        read_block(std::string_view(all).substr(at, DoneLog::block_octets), ids);
    }
    return ids;
}

// Under another name first: a file that is there is whole.
Result<void> make(FileSystem& files, std::string const& path) {
    auto const unfinished = path + ".new";
    static_cast<void>(files.remove(unfinished));
    {
        auto file = files.create(unfinished);
        if (!file) return file.error();
        std::string const zeros(DoneLog::blocks * DoneLog::block_octets, '\0');
        if (auto written = (*file)->append(zeros); !written) return written;
        if (auto synced = (*file)->sync(); !synced) return synced;
    }
    if (auto renamed = files.rename(unfinished, path); !renamed) return renamed;
    return files.sync_directory(path.substr(0, path.rfind('/')));
}

}  // namespace

Result<std::unique_ptr<DoneLog>> DoneLog::open(FileSystem& files, std::string const& path) {
    auto file = files.open_to_change(path);
    if (!file && file.error().code == Errc::not_found) {
        if (auto made = make(files, path); !made) return made.error();
        file = files.open_to_change(path);
    }
    if (!file) return file.error();
    auto found = read_all(**file);
    if (!found) return found.error();
    std::unique_ptr<DoneLog> log(new DoneLog(std::move(*file)));
    log->found_ = std::move(*found);
    return log;
}

Result<std::vector<SpoolId>> DoneLog::read(FileSystem& files, std::string const& path) {
    auto const file = files.open(path);
    if (file) return read_all(**file);
    if (file.error().code == Errc::not_found) return std::vector<SpoolId>();
    return file.error();
}

Result<void> DoneLog::clear() {
    found_.clear();
    std::string const zeros(blocks * block_octets, '\0');
    auto cleared = file_->write_at(0, zeros);
    if (cleared) cleared = file_->sync();
    failed_ = !cleared;
    return cleared;
}

Result<void> DoneLog::note(std::span<SpoolId const> ids) {
    if (failed_) return Error{Errc::io, "the log of finished messages has failed"};
    {
        std::lock_guard const lock(mutex_);
        if (open_.size() >= blocks) return Error{Errc::no_space, "all blocks are taken"};
        open_.push_back(ids.size());
    }
    auto noted = file_->write_at(next_ * block_octets, block_of(ids));
    if (noted) noted = file_->sync();
    next_ = (next_ + 1) % blocks;
    if (noted) return noted;
    failed_ = true;
    std::lock_guard const lock(mutex_);
    open_.pop_back();
    return noted;
}

void DoneLog::removed(std::size_t ids) {
    std::lock_guard const lock(mutex_);
    while (ids > 0 && !open_.empty()) {
        auto const some = std::min(ids, open_.front());
        open_.front() -= some;
        ids -= some;
        if (open_.front() == 0) open_.pop_front();
    }
}

Result<void> finish_noted(DoneLog& log, Store& store) {
    if (!log.found().empty()) {
        Changes changes;
        for (auto const id : log.found()) changes.emplace_back(Remove{id});
        if (auto removed = store.apply(changes); !removed) return removed;
    }
    return log.clear();
}

}  // namespace splitmx::spool
