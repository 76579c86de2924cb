#include "spool/disk/journal.hpp"

#include <random>
#include <string_view>
#include <utility>

namespace splitmx::spool::disk {

namespace {

// Nobody who writes a message can know it.
std::uint64_t new_nonce() {
    std::random_device source;
    return std::uint64_t{source()} << 32 | source();
}

Result<void> make_whole(FileSystem& files, std::string const& path, std::uint64_t size) {
    auto const file = files.create(path);
    if (!file) return file.error();
    if (auto reserved = (*file)->reserve(size); !reserved) return reserved;
    return (*file)->sync();
}

// Under another name first: a file that is there is whole. What could not be made takes no room.
Result<void> make(FileSystem& files, std::string const& path, std::uint64_t size) {
    auto const unfinished = path + ".new";
    static_cast<void>(files.remove(unfinished));
    auto made = make_whole(files, unfinished, size);
    if (made) made = files.rename(unfinished, path);
    if (!made) {
        static_cast<void>(files.remove(unfinished));
        return made;
    }
    return files.sync_directory(path.substr(0, path.rfind('/')));
}

}  // namespace

std::string to_octets(JournalMark const& mark) {
    std::string octets;
    for (auto const number : {mark.nonce, mark.number}) {
        for (int shift = 56; shift >= 0; shift -= 8) octets += static_cast<char>(number >> shift);
    }
    return octets;
}

std::optional<JournalMark> to_mark(std::string_view octets) {
    if (octets.size() != 2 * sizeof(std::uint64_t)) return std::nullopt;
    JournalMark mark;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        auto& number = i < sizeof mark.nonce ? mark.nonce : mark.number;
        number = number << 8 | static_cast<unsigned char>(octets[i]);
    }
    return mark;
}

Result<JournalContent> Journal::read(
    FileSystem& files, std::string const& path, JournalMark const& mark, FrameVisitor const& visitor
) {
    auto const file = files.open(path);
    if (!file) return file.error();
    return scan_journal(**file, mark, visitor);
}

Result<JournalContent> Journal::resume(JournalMark const& mark, FrameVisitor const& visitor) {
    auto content = read(files_, path_, mark, visitor);
    if (!content) return content;
    auto file = files_.open_for_blocks(path_);
    if (!file) return file.error();
    file_ = std::move(*file);
    nonce_ = mark.nonce;
    number_ = content->last;
    moved_ = mark.number;
    at_ = content->end;
    started_ = true;
    return content;
}

Result<void> Journal::open_or_make() {
    auto file = files_.open_for_blocks(path_);
    // One of another length was made for a map of another size.
    auto const length = file ? (*file)->size() : Result<std::uint64_t>(std::uint64_t{0});
    if (!length) return length.error();
    if (*length != size_) {
        if (auto made = make(files_, path_, size_); !made) return made;
        file = files_.open_for_blocks(path_);
    }
    if (!file) return file.error();
    file_ = std::move(*file);
    return {};
}

Result<void> Journal::prepare() {
    if (size_ < 2 * BlockBuffer::block || failed_ || file_) return {};
    auto opened = open_or_make();
    failed_ = !opened;
    nonce_ = new_nonce();
    number_ = moved_ = 0;
    at_ = 0;
    return opened;
}

Result<void> Journal::append(JournalEntries const& entries) {
    ++number_;
    write_frame(buffer_, nonce_, number_, entries);
    auto const octets = buffer_.octets();
    auto done = file_->write_at(at_, octets);
    if (done) done = file_->sync();
    failed_ = !done;
    at_ += octets.size();
    return done;
}

void Journal::moved() {
    moved_ = number_;
    at_ = 0;
    started_ = file_ != nullptr;
}

}  // namespace splitmx::spool::disk
