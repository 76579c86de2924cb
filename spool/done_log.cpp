#include "spool/done_log.hpp"

#include "spool/checksum.hpp"
#include "spool/store.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace splitmx::spool {

namespace {

// A note: the id, a mark, and the checksum of both.
constexpr std::string_view mark = "DONE";
constexpr std::size_t file_octets = DoneLog::most_notes * DoneLog::note_octets;
// Made in one piece, the file is one large folio of the page cache, all of which the kernel looks
// through at each note: three times the work (docs/performance.md).
constexpr std::size_t page_octets = 4096;

template <class Number>
void append(std::string& text, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i) {
        text += static_cast<char>(number >> (8 * i) & 0xff);
    }
}

std::string note_of(SpoolId id) {
    std::string note;
    note.reserve(DoneLog::note_octets);
    append(note, id.value());
    note += mark;
    append(note, crc32c(note));
    return note;
}

// Nothing where a write was cut off, or never took place.
void read_note(std::string_view note, std::vector<SpoolId>& ids) {
    std::uint64_t value = 0;
    if (note.substr(sizeof value, mark.size()) != mark) return;
    for (std::size_t i = 0; i < sizeof value; ++i) {
        value |= std::uint64_t{static_cast<unsigned char>(note[i])} << (8 * i);
    }
    if (note == note_of(SpoolId(value))) ids.emplace_back(value);
}

Result<std::vector<SpoolId>> read_all(File& file) {
    std::string all(file_octets, '\0');
    auto const got = file.read_at(0, all);
    if (!got) return got.error();
    std::vector<SpoolId> ids;
    for (std::size_t at = 0; at < all.size(); at += DoneLog::note_octets) {
        read_note(std::string_view(all).substr(at, DoneLog::note_octets), ids);
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
        std::string const zeros(page_octets, '\0');
        for (std::size_t made = 0; made < file_octets; made += page_octets) {
            if (auto written = (*file)->append(zeros); !written) return written;
        }
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
    std::lock_guard const lock(mutex_);
    std::string const zeros(file_octets, '\0');
    auto cleared = file_->write_at(0, zeros);
    if (cleared) cleared = file_->sync();
    failed_ = !cleared;
    return cleared;
}

Result<std::size_t> DoneLog::note(SpoolId id) {
    auto const text = note_of(id);
    std::lock_guard const lock(mutex_);
    if (failed_) return Error{Errc::io, "the log of finished messages has failed"};
    if (open_.size() >= most_notes) return Error{Errc::no_space, "all notes are taken"};
    if (auto noted = file_->write_at(next_ * note_octets, text); !noted) {
        failed_ = true;
        return noted.error();
    }
    next_ = (next_ + 1) % most_notes;
    open_.emplace_back(id);
    return waiting_.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::vector<SpoolId> DoneLog::take() {
    std::lock_guard const lock(mutex_);
    auto const count = static_cast<std::ptrdiff_t>(waiting_.exchange(0, std::memory_order_relaxed));
    std::vector<SpoolId> ids;
    ids.reserve(static_cast<std::size_t>(count));
    for (auto note = open_.end() - count; note != open_.end(); ++note) ids.push_back(**note);
    return ids;
}

// Most are removed in the order in which they were noted: the next one is looked for behind the
// last.
void DoneLog::removed(std::vector<SpoolId> const& ids) {
    std::lock_guard const lock(mutex_);
    auto at = open_.begin();
    for (auto const id : ids) {
        at = std::find(at, open_.end(), id);
        if (at == open_.end()) at = std::find(open_.begin(), open_.end(), id);
        if (at != open_.end()) at->reset();
    }
    while (!open_.empty() && !open_.front()) open_.pop_front();
}

Result<void> DoneLog::sync() {
    std::lock_guard const lock(mutex_);
    auto synced = file_->sync();
    if (!synced) failed_ = true;
    return synced;
}

std::unordered_set<SpoolId> DoneLog::done() const {
    std::lock_guard const lock(mutex_);
    std::unordered_set<SpoolId> ids;
    for (auto const& note : open_) {
        if (note) ids.insert(*note);
    }
    return ids;
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
