#include "spool/disk/journal_scan.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace splitmx::spool::disk {

namespace {

// A piece of a file; moves on with whoever reads it.
class Window {
public:
    Window(File& file, std::uint64_t size) : file_(file), size_(size) {}

    // From there on a whole frame, or all there is.
    Result<std::string_view> from(std::uint64_t at) {
        auto const needed = std::min<std::uint64_t>(largest_frame, size_ - at);
        if (at + needed > begin_ + octets_.size()) {
            if (auto loaded = load(at); !loaded) return loaded.error();
        }
        return std::string_view(octets_).substr(std::min(at - begin_, octets_.size()));
    }

private:
    Result<void> load(std::uint64_t at) {
        octets_.resize(std::min<std::uint64_t>(2 * largest_frame, size_ - at));
        begin_ = at;
        auto const got = file_.read_at(at, octets_);
        if (!got) return got.error();
        octets_.resize(*got);
        return {};
    }

    File& file_;
    std::uint64_t size_;
    std::uint64_t begin_ = 0;
    std::string octets_;
};

}  // namespace

Result<JournalContent> scan_journal(
    File& file, JournalMark const& mark, FrameVisitor const& visitor
) {
    auto const size = file.size();
    if (!size) return size.error();
    Window window(file, *size);
    JournalContent content;
    content.last = mark.number;
    for (std::uint64_t at = 0; at + BlockBuffer::block <= *size;) {
        auto const octets = window.from(at);
        if (!octets) return octets.error();
        auto const frame = read_frame(*octets, mark.nonce);
        if (!frame || frame->number <= content.last) {
            at += BlockBuffer::block;
            continue;
        }
        content.lost += frame->number - content.last - 1;
        content.last = frame->number;
        at += frame->octets;
        content.end = at;
        if (auto visited = visitor(frame->entries); !visited) return visited.error();
    }
    return content;
}

}  // namespace splitmx::spool::disk
